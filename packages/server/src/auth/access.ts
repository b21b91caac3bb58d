/** May this identity do this on this channel? The rule belongs to the channel's definition; without one the answer is no. */
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

export function decideAccess(
  rule: AccessRule | undefined,
  request: AccessRequest,
): AccessDecision | Promise<AccessDecision> {
  if (rule === undefined) return FORBIDDEN;
  if (rule === 'public') return request.action === 'publish' ? FORBIDDEN : ALLOW;
  return rule(request);
}
