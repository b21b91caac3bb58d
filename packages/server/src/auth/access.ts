/** May this identity do this on this channel? The rule belongs to the channel's definition; without one the answer is no. */
import { describeShape } from './describe-shape.ts';
import type { Identity } from './identity.ts';

export interface AccessRequest {
  readonly action: 'subscribe' | 'publish' | 'history';
  readonly channel: string;
  /** What the channel's pattern captured: `{ pin: '1234' }` for `court:1234` under `court:{pin}`. */
  readonly params: Readonly<Record<string, string>>;
  readonly identity: Identity | undefined;
  /** Address of the peer. */
  readonly address: string;
}

export type AccessDecision =
  | { readonly allow: true }
  | {
      readonly allow: false;
      readonly status: 401 | 403 | 404 | 429;
      /** Stable code for programs, UPPER_SNAKE. */
      readonly code: string;
      readonly message?: string;
    };

/** `'public'`: anyone may subscribe and read the history, nobody may publish (the backend API needs no permission). */
export type AccessRule = 'public' | ((request: AccessRequest) => AccessDecision | Promise<AccessDecision>);

const ALLOW: AccessDecision = { allow: true };
const FORBIDDEN: AccessDecision = { allow: false, status: 403, code: 'FORBIDDEN' };
const STATUSES: readonly unknown[] = [401, 403, 404, 429];

/** The rule of one pattern of the channel map. */
export interface PatternAccess {
  readonly pattern: string;
  readonly rule: AccessRule | undefined;
}

/** Throws what the rule throws, and a TypeError for an answer that is no decision: nobody gets in by mistake. */
export async function decideAccess(access: PatternAccess, request: AccessRequest): Promise<AccessDecision> {
  const { pattern, rule } = access;
  if (rule === undefined) return FORBIDDEN;
  if (rule === 'public') return request.action === 'publish' ? FORBIDDEN : ALLOW;
  const answer: unknown = await rule(request);
  if (isDecision(answer)) return answer;
  throw new TypeError(
    `access of "${pattern}" must return { allow: true } or { allow: false, status, code }, got ${describeShape(answer)}`,
  );
}

function isDecision(answer: unknown): answer is AccessDecision {
  if (typeof answer !== 'object' || answer === null || !('allow' in answer)) return false;
  if (answer.allow === true) return true;
  const { status, code } = { status: undefined, code: undefined, ...answer };
  return answer.allow === false && STATUSES.includes(status) && typeof code === 'string' && code !== '';
}
