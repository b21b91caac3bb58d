/** May somebody do something on a channel? What is asked, and what may be answered. */
import { type Action, isAction } from './action.ts';
import type { Identity } from './identity.ts';

/** What a rule is asked: who wants to do what on which channel. */
export interface AccessRequest {
  readonly action: Action;
  readonly channel: string;
  /** What the channel's pattern captured: `{ pin: '1234' }` for `court:1234` under `court:{pin}`. */
  readonly params: Readonly<Record<string, string>>;
  /** Who asks; undefined: nobody in particular. */
  readonly identity: Identity | undefined;
  /** Address of the peer. */
  readonly address: string;
}

/** What a rule answers. `status` and `code` are what the client is told. */
export type AccessDecision =
  | { readonly allow: true }
  | {
      readonly allow: false;
      readonly status: 401 | 403 | 404 | 429;
      /** Stable code for programs, UPPER_SNAKE. */
      readonly code: string;
      readonly message?: string;
    };

/** What decides about one action. `'public'`: everybody may. A throw lets nobody in. */
export type Check = 'public' | ((request: AccessRequest) => AccessDecision | Promise<AccessDecision>);

/** A check for each action. `history` and `presence` are as `subscribe` where they are left out. */
export type ActionRules = { readonly [A in Action]?: Check };

/**
 * The rule of a channel. `'public'` and a function decide who may read: `subscribe`, `history`, `presence`. Who may write is said
 * action by action and not otherwise: `{ subscribe: 'public', publish: ({ identity }) => … }`.
 */
export type AccessRule = Check | ActionRules;

const READS: ReadonlySet<Action> = new Set<Action>(['subscribe', 'history', 'presence']);
const STATUSES: readonly unknown[] = [401, 403, 404, 429];

/** What a channel's rule has to say about an action; undefined: nothing. */
export function checkFor(rule: AccessRule | undefined, action: Action): Check | undefined {
  if (rule === undefined) return undefined;
  if (rule === 'public' || typeof rule === 'function') return READS.has(action) ? rule : undefined;
  return rule[action] ?? (READS.has(action) ? rule.subscribe : undefined);
}

/** 'public', a function, or such for known actions only. */
export function isAccessRule(value: unknown): boolean {
  if (isCheck(value)) return true;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([action, check]) => isAction(action) && (check === undefined || isCheck(check)));
}

export function isDecision(answer: unknown): answer is AccessDecision {
  if (typeof answer !== 'object' || answer === null || !('allow' in answer)) return false;
  if (answer.allow === true) return true;
  const { status, code } = { status: undefined, code: undefined, ...answer };
  return answer.allow === false && STATUSES.includes(status) && typeof code === 'string' && code !== '';
}

function isCheck(value: unknown): boolean {
  return value === 'public' || typeof value === 'function';
}

/** Nobody could say whether it is allowed: nobody gets in, and whoever asks may ask again. `message`: for whoever runs the server; never with a secret. */
export class AccessUnavailable extends Error {
  override readonly name: string = 'AccessUnavailable';
}
