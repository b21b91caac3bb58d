/** Why somebody may do something on a channel, or may not: everything that was looked at, in its order, in words. */
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { parseChannelName } from '@fanfare/protocol';
import { ACTIONS, type Action, isAction } from './auth/action.ts';
import type { AccessStep } from './auth/gate.ts';
import type { Authenticate, Identity } from './auth/identity.ts';
import type { TokenVerdict } from './auth/tokens/token-verifier.ts';
import { toHttpError } from './http/errors.ts';
import type { Admission } from './transports/admission.ts';
import { bearerRequest } from './transports/bearer-request.ts';

/** May somebody do this on this channel? */
export interface ExplainQuestion {
  readonly action: Action;
  readonly channel: string;
  /** Who asks, by a token. @default nobody in particular */
  readonly token?: string;
  /** Who asks, where there is no token: as if `authenticate` had found it. */
  readonly identity?: Identity;
  /** @default '' */
  readonly address?: string;
}

/** The answer, with every rule that was asked, in its order. */
export interface Explanation {
  readonly allowed: boolean;
  readonly action: Action;
  readonly channel: string;
  /** null: nobody in particular. */
  readonly subject: string | null;
  /** What a client would be told. */
  readonly code?: string;
  /** HTTP status that goes with `code`. */
  readonly status?: number;
  readonly steps: readonly AccessStep[];
}

export interface ExplainerOptions {
  readonly admission: Admission;
  readonly authenticate: Authenticate | undefined;
  readonly identify: (request: IncomingMessage) => Promise<Identity | undefined>;
}

export class Explainer {
  readonly #options: ExplainerOptions;

  constructor(options: ExplainerOptions) {
    this.#options = options;
  }

  /** Asks every rule as for a client. Throws a TypeError for an action that is none. */
  async explain(question: ExplainQuestion): Promise<Explanation> {
    const { action, channel, address = '' } = question;
    if (!isAction(action)) throw new TypeError(`explain: action: expected one of ${ACTIONS.join(', ')}.`);
    const steps: AccessStep[] = [];
    const about = { action, channel };
    let subject: string | null = question.identity?.subject ?? null;
    try {
      const identity = question.identity ?? (await this.#whose(question.token, steps));
      subject = identity?.subject ?? null;
      const resolved = this.#resolve(channel, steps);
      if (resolved === undefined) return { allowed: false, ...about, subject, ...UNKNOWN, steps };
      const asked = await this.#options.admission.explain({ action, channel, resolved, asker: { identity, address } });
      steps.push(...asked.steps);
      const { decision } = asked;
      if (decision.allow) return { allowed: true, ...about, subject, steps };
      return { allowed: false, ...about, subject, code: decision.code, status: decision.status, steps };
    } catch (error) {
      const { code, status } = toHttpError(error);
      if (code === 'INTERNAL') steps.push({ rule: 'fault', outcome: 'denied', why: messageOf(error) });
      return { allowed: false, ...about, subject, code, status, steps };
    }
  }

  async #whose(token: string | undefined, steps: AccessStep[]): Promise<Identity | undefined> {
    if (token === undefined) {
      steps.push({ rule: 'identity', outcome: 'silent', why: 'nobody in particular: there is no credential' });
      return undefined;
    }
    const { authenticate, identify } = this.#options;
    const verdict = verdictOn(authenticate)?.(token);
    const known = await verdict;
    if (known?.kind === 'refused') steps.push({ rule: 'token', outcome: 'denied', why: known.why });
    // Revoked, expired, or refused by a function of the application: as for a client.
    try {
      const identity = await identify(bearerRequest({ url: '/', headers: {} }, token, new Socket()));
      steps.push({ rule: 'token', outcome: identity === undefined ? 'silent' : 'allowed', why: sayWho(identity) });
      return identity;
    } catch (error) {
      if (known?.kind !== 'refused') steps.push({ rule: 'token', outcome: 'denied', why: messageOf(error) });
      throw error;
    }
  }

  #resolve(channel: string, steps: AccessStep[]): ReturnType<Admission['resolve']> | undefined {
    const name = parseChannelName(channel);
    if (!name.ok) {
      steps.push({
        rule: 'channel',
        outcome: 'denied',
        why: `it is no name of a channel: expected ${name.problem.expected}`,
      });
      return undefined;
    }
    try {
      return this.#options.admission.resolve(channel);
    } catch {
      steps.push({ rule: 'channel', outcome: 'denied', why: `no pattern of the channel map matches ${channel}` });
      return undefined;
    }
  }
}

const UNKNOWN = { code: 'CHANNEL_UNKNOWN', status: 404 };

function sayWho(identity: Identity | undefined): string {
  if (identity === undefined) return 'authenticate says: nobody in particular';
  const roles = identity.roles.length === 0 ? 'no roles' : `roles ${identity.roles.join(', ')}`;
  const until = identity.expiresAt === undefined ? 'for ever' : `until ${timeOf(identity.expiresAt)}`;
  return `subject "${identity.subject}", ${roles}, in force ${until}`;
}

function timeOf(time: number): string {
  return time > 8.64e15 ? 'the end of time' : new Date(time).toISOString();
}

function verdictOn(authenticate: Authenticate | undefined): ((token: string) => Promise<TokenVerdict>) | undefined {
  const found: unknown = authenticate !== undefined && 'verdictOn' in authenticate ? authenticate.verdictOn : undefined;
  return typeof found === 'function'
    ? (token) => Promise.resolve(Reflect.apply(found, authenticate, [token]))
    : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
