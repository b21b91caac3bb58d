/** Decides about access: first the channel's own rule, then whoever has authority; where nobody says yes, it is no. */
import { type AccessDecision, type AccessRequest, type AccessRule, checkFor, isDecision } from './access.ts';
import { describeShape } from './describe-shape.ts';

/** Somebody who decides for channels that do not decide for themselves. */
export interface Authority {
  /** In an explanation: `grants`, `application`. */
  readonly name: string;
  /** undefined: it has nothing to say, and the next one is asked. A throw lets nobody in. */
  decide(request: AccessRequest): AccessDecision | undefined | Promise<AccessDecision | undefined>;
  /** What it looked at, in words, one line each. Never a secret. */
  explain?(request: AccessRequest): readonly string[];
}

/** An authority, or only its `decide`. */
export type Authorize = Authority | Authority['decide'];

/** The rule of one pattern of the channel map. */
export interface PatternAccess {
  readonly pattern: string;
  readonly rule: AccessRule | undefined;
}

/** One rule that was asked, and what it said. */
export interface AccessStep {
  /** Which rule: `access of "court:{pin}"`, or the name of an authority. */
  readonly rule: string;
  /** `silent`: it had nothing to say, and the next one was asked. */
  readonly outcome: 'allowed' | 'denied' | 'silent';
  /** In words, for whoever runs the server; never with a secret. */
  readonly why: string;
}

const ALLOW: AccessDecision = { allow: true };
const FORBIDDEN: AccessDecision = { allow: false, status: 403, code: 'FORBIDDEN' };
const UNAUTHENTICATED: AccessDecision = { allow: false, status: 401, code: 'UNAUTHENTICATED' };

export class Gate {
  readonly #authorities: readonly Authority[];

  constructor(authorize: Authorize | readonly Authorize[] = []) {
    const all: readonly Authorize[] = isList(authorize) ? authorize : [authorize];
    this.#authorities = all.map((one) => (typeof one === 'function' ? { name: 'authorize', decide: one } : one));
  }

  /** Does the channel's own rule let everybody do it? Then nobody has to be asked. */
  isOpen({ rule }: PatternAccess, action: AccessRequest['action']): boolean {
    return checkFor(rule, action) === 'public';
  }

  /**
   * Throws what a rule throws, and a TypeError for an answer that is no decision: nobody gets in by mistake.
   * `steps`: where to write down who was asked.
   */
  async decide(access: PatternAccess, request: AccessRequest, steps?: AccessStep[]): Promise<AccessDecision> {
    const own = await decideByChannel(access, request, steps);
    if (own !== undefined) return own;
    for (const authority of this.#authorities) {
      const answer: unknown = await authority.decide(request);
      if (answer !== undefined && !isDecision(answer)) {
        throw new TypeError(`${authority.name} must return ${EXPECTED}, or undefined, got ${describeShape(answer)}`);
      }
      steps?.push({ rule: authority.name, outcome: outcomeOf(answer), why: whyOf(authority, request, answer) });
      if (answer !== undefined) return answer;
    }
    steps?.push({ rule: 'default', outcome: 'denied', why: 'no rule allows it, and what is not allowed is denied' });
    const maySignIn = this.#authorities.length > 0 && request.identity === undefined;
    return maySignIn ? UNAUTHENTICATED : FORBIDDEN;
  }
}

const EXPECTED = '{ allow: true } or { allow: false, status, code }';

async function decideByChannel(
  { pattern, rule }: PatternAccess,
  request: AccessRequest,
  steps?: AccessStep[],
): Promise<AccessDecision | undefined> {
  const check = checkFor(rule, request.action);
  const name = `access of "${pattern}"`;
  if (check === undefined) {
    steps?.push({ rule: name, outcome: 'silent', why: `it says nothing about ${request.action}` });
    return undefined;
  }
  if (check === 'public') {
    steps?.push({ rule: name, outcome: 'allowed', why: `${request.action} is public` });
    return ALLOW;
  }
  const answer: unknown = await check(request);
  if (!isDecision(answer)) throw new TypeError(`${name} must return ${EXPECTED}, got ${describeShape(answer)}`);
  steps?.push({ rule: name, outcome: outcomeOf(answer), why: sayDecision(answer) });
  return answer;
}

function whyOf(authority: Authority, request: AccessRequest, answer: AccessDecision | undefined): string {
  const lines = authority.explain?.(request) ?? [];
  return lines.length > 0 ? lines.join('; ') : answer === undefined ? 'it has nothing to say' : sayDecision(answer);
}

function sayDecision(decision: AccessDecision): string {
  if (decision.allow) return 'its function answered allow';
  return `its function answered ${decision.status} ${decision.code}`;
}

function outcomeOf(answer: AccessDecision | undefined): AccessStep['outcome'] {
  return answer === undefined ? 'silent' : answer.allow ? 'allowed' : 'denied';
}

function isList(authorize: Authorize | readonly Authorize[]): authorize is readonly Authorize[] {
  return Array.isArray(authorize);
}
