/** Who may do what on which channels, for every wire: the channel map, the rules, and what they say no with. */
import { describeError, isErrorCode } from '@fanfare/protocol';
import { type AccessDecision, type AccessRequest, AccessUnavailable } from '../auth/access.ts';
import type { AccessStep, Gate } from '../auth/gate.ts';
import type { Identity } from '../auth/identity.ts';
import type { ChannelRegistry, ResolvedChannel } from '../channels/channel-map.ts';
import { FanfareError } from '../channels/fanfare-error.ts';
import type { DenialFacts } from '../core/index.ts';
import { HttpError, type HttpErrorOptions } from '../http/errors.ts';

export interface Asker {
  readonly identity: Identity | undefined;
  readonly address: string;
}

export interface Question {
  readonly action: AccessRequest['action'];
  readonly channel: string;
  readonly resolved: ResolvedChannel;
  readonly asker: Asker;
}

export type Denied = Extract<AccessDecision, { allow: false }> & { readonly channel: string };

export class Admission {
  readonly #registry: ChannelRegistry;
  readonly #gate: Gate;
  readonly #onUnavailable: (facts: DenialFacts) => void;

  /** `onUnavailable`: told whom nobody could answer for. @default nothing */
  constructor(registry: ChannelRegistry, gate: Gate, onUnavailable: (facts: DenialFacts) => void = () => {}) {
    this.#registry = registry;
    this.#gate = gate;
    this.#onUnavailable = onUnavailable;
  }

  /** The definition of a channel. Throws CHANNEL_UNKNOWN. */
  resolve(name: string): ResolvedChannel {
    const resolved = this.#registry.find(name);
    if (resolved === undefined) throw new FanfareError('CHANNEL_UNKNOWN', { details: { channel: name } });
    return resolved;
  }

  /** The definitions of the channels by name. Throws CHANNEL_UNKNOWN. */
  resolveAll(names: Iterable<string>): ReadonlyMap<string, ResolvedChannel> {
    const channels = new Map<string, ResolvedChannel>();
    for (const name of names) channels.set(name, this.resolve(name));
    return channels;
  }

  /** May everybody subscribe to all of them? Then nobody has to be asked. */
  areOpen(channels: Iterable<ResolvedChannel>): boolean {
    for (const resolved of channels) if (!this.isOpen('subscribe', resolved)) return false;
    return true;
  }

  /** May everybody do this on the channel? */
  isOpen(action: AccessRequest['action'], { definition, pattern }: ResolvedChannel): boolean {
    return this.#gate.isOpen({ pattern, rule: definition.access }, action);
  }

  /**
   * Throws the verdict of an access rule, whose answer is final. What passes with time (429) comes back. One channel decides
   * for all: half of what a page needs would look like all of it.
   */
  async firstDenied(channels: ReadonlyMap<string, ResolvedChannel>, asker: Asker): Promise<Denied | undefined> {
    for (const [channel, resolved] of channels) {
      const denied = await this.#denied({ action: 'subscribe', channel, resolved, asker });
      if (denied?.status === 429) return denied;
      if (denied !== undefined) throw refusalFor(asker, denied);
    }
    return undefined;
  }

  /** What the rules say no with; undefined: they allow it. Rejects with what a rule throws. */
  async refusal(question: Question): Promise<HttpError | undefined> {
    const denied = await this.#denied(question);
    return denied && refusalFor(question.asker, denied);
  }

  /** The same decision, and every rule that was asked for it. Rejects with what a rule throws. */
  async explain(question: Question): Promise<{
    readonly decision: AccessDecision;
    readonly steps: readonly AccessStep[];
  }> {
    const steps: AccessStep[] = [];
    return { decision: await this.#decide(question, steps), steps };
  }

  async #denied(question: Question): Promise<Denied | undefined> {
    const { action, channel, asker } = question;
    try {
      const decision = await this.#decide(question);
      return decision.allow ? undefined : { ...decision, channel };
    } catch (error) {
      if (error instanceof AccessUnavailable) this.#onUnavailable(unavailable(error, { action, channel, ...asker }));
      throw error;
    }
  }

  #decide({ action, channel, resolved, asker }: Question, steps?: AccessStep[]): Promise<AccessDecision> {
    const { definition, pattern, params } = resolved;
    const access = { pattern, rule: definition.access };
    return this.#gate.decide(access, { action, channel, params, ...asker }, steps);
  }
}

/** A denial as an HTTP answer. */
export function accessError(denied: Denied, more: Pick<HttpErrorOptions, 'headers' | 'subject'> = {}): HttpError {
  const { channel, status, code, message } = denied;
  const known = isErrorCode(code)
    ? { en: describeError(code, 'en', { channel }), vi: describeError(code, 'vi', { channel }) }
    : code;
  return new HttpError({ status, code, message: message ?? known, details: { channel }, ...more });
}

function refusalFor({ identity }: Asker, denied: Denied): HttpError {
  return accessError(denied, { subject: identity?.subject });
}

/** For the audit: whom nobody could answer for, and why. */
export function unavailable(
  { message }: AccessUnavailable,
  { identity, ...facts }: Asker & Pick<DenialFacts, 'action' | 'channel'>,
): DenialFacts {
  return { code: 'ACCESS_UNAVAILABLE', ...facts, ...(identity && { identity: identity.subject }), why: message };
}

/** A status that the client should take as final. */
export function isVerdict(error: unknown): boolean {
  return (error instanceof HttpError || error instanceof FanfareError) && error.status < 500 && error.status !== 429;
}
