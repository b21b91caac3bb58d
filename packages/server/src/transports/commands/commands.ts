/** Carries out what clients command [PROTOCOL §14], the same on every wire: access first, then the hub, then one answer. */
import {
  type AuthFrame,
  type ClientFrame,
  type ControlFrame,
  describeValue,
  type ErrorFrame,
  type PublishFrame,
  STATE_EVENT,
  type SubscribeFrame,
  type UnsubscribeFrame,
} from '@fanfare/protocol';
import type { Action } from '../../auth/action.ts';
import type { ResolvedChannel } from '../../channels/channel-map.ts';
import { FanfareError } from '../../channels/fanfare-error.ts';
import type { Publisher } from '../../channels/publisher.ts';
import type { Connection, DenialFacts, Disconnects } from '../../core/index.ts';
import { isUnexpected, toHttpError } from '../../http/errors.ts';
import type { Admission } from '../admission.ts';
import { readCursor } from '../resume.ts';
import { commandError } from './command-error.ts';
import type { CommandRates } from './command-rates.ts';
import type { Commander } from './commander.ts';
import { type IdentityRefresh, refreshIdentity } from './refresh-identity.ts';

export interface Answer {
  readonly frame: ControlFrame;
  /** The connection has been told already, in its place among the events. */
  readonly told: boolean;
}

export interface CommandsOptions {
  readonly admission: Admission;
  readonly publisher: Publisher;
  readonly rates: CommandRates;
  readonly disconnects: Pick<Disconnects, 'mark' | 'reached'>;
  /** Wall clock, milliseconds. */
  readonly wallTime: () => number;
  /** Told what failed on our side. */
  readonly onError: (error: unknown) => void;
  /** Told who was refused. */
  readonly onDenied: (facts: DenialFacts) => void;
}

/** What a command is about. */
interface About {
  readonly channel: string;
  readonly resolved: ResolvedChannel;
}

export class Commands {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Never rejects. Those of one connection are to be executed one after the other, so that their order means something. */
  async execute(commander: Commander, frame: ClientFrame): Promise<Answer> {
    try {
      switch (frame.type) {
        case 'subscribe':
          return await this.#subscribe(commander, frame);
        case 'unsubscribe':
          return this.#unsubscribe(commander, frame);
        case 'publish':
          return await this.#publish(commander, frame);
        case 'auth':
          return await this.#authenticate(commander, frame);
        case 'ping':
          return { frame: { type: 'heartbeat', time: this.#options.wallTime() }, told: false };
      }
    } catch (error) {
      return { frame: this.#refusal(error, commander, frame), told: false };
    }
  }

  async #subscribe(commander: Commander, { id, channel, position }: SubscribeFrame): Promise<Answer> {
    const { connection } = commander;
    const resolved = this.#options.admission.resolve(channel);
    if (connection.subscription(channel) !== undefined) throw alreadySubscribed(channel);
    const since = this.#options.disconnects.mark;
    const asking = this.#admit('subscribe', commander, { channel, resolved });
    if (asking !== undefined) await asking;
    const presented = readCursor(position ?? '', [channel]).get(channel);
    connection.widen();
    const subscribing = connection.subscribe(channel, {
      since,
      ...(id === undefined ? {} : { id }),
      ...(presented === undefined ? {} : { position: presented }),
    });
    const outcome = subscribing instanceof Promise ? await subscribing : subscribing;
    if (outcome.kind === 'refused') throw new FanfareError(outcome.code, { details: { channel } });
    if (outcome.frame === undefined) throw alreadySubscribed(channel);
    return { frame: outcome.frame, told: true };
  }

  /** Idempotent: what is not subscribed is unsubscribed. */
  #unsubscribe({ connection }: Commander, { id, channel }: UnsubscribeFrame): Answer {
    const about = id === undefined ? {} : { id };
    return {
      frame: { type: 'unsubscribed', ...about, channel },
      told: connection.unsubscribe(channel, about),
    };
  }

  async #publish(commander: Commander, frame: PublishFrame): Promise<Answer> {
    const { id, channel, event, data, key, idempotencyKey } = frame;
    const { admission, publisher, rates } = this.#options;
    const resolved = admission.resolve(channel);
    rates.takePublish(commander.connection);
    await this.#admit('publish', commander, { channel, resolved });
    const isSet = resolved.definition.kind === 'state' && event === STATE_EVENT;
    if (key !== undefined && !isSet) {
      const details = { field: 'key', expected: 'none: only the values of state channels have keys' };
      throw new FanfareError('KEY_INVALID', { details: { ...details, got: describeValue(key) } });
    }
    const { position, duplicate, ack } = isSet
      ? await publisher.set({ channel, data, key, idempotencyKey })
      : await publisher.publish({ channel, event, data, idempotencyKey });
    const at = position === undefined ? {} : { position };
    return { frame: { type: 'published', id, ...at, duplicate, ack }, told: false };
  }

  async #authenticate(commander: Commander, { id, token }: AuthFrame): Promise<Answer> {
    const identity = await refreshIdentity(commander, token, this.#options.disconnects);
    if ('close' in identity) return this.#endUnknown(commander, identity, id);
    await this.#askAgain(commander);
    const subject = identity.found === undefined ? {} : { subject: identity.found.subject };
    return { frame: { type: 'authenticated', ...(id === undefined ? {} : { id }), ...subject }, told: false };
  }

  /** Nobody, with nothing: all that the connection was for has been refused. */
  #endUnknown(
    commander: Commander,
    { error, close }: Extract<IdentityRefresh, { close: unknown }>,
    id: number | undefined,
  ): Answer {
    const frame = this.#refusal(error, commander, { type: 'auth', ...(id === undefined ? {} : { id }) });
    commander.connection.control(frame);
    commander.connection.close(close);
    return { frame, told: true };
  }

  /** Every standing subscription, of the rule of its channel; those that it refuses now end. */
  async #askAgain(commander: Commander): Promise<void> {
    const { connection, language } = commander;
    for (const { channel } of [...connection.subscriptions]) {
      try {
        const resolved = this.#options.admission.resolve(channel);
        await this.#admit('subscribe', commander, { channel, resolved });
      } catch (error) {
        if (isUnexpected(error)) this.#options.onError(error);
        const { code, message: reason } = commandError(error, { language });
        connection.unsubscribe(channel, { code, reason });
      }
    }
  }

  /** Throws what the rules say no with; and for a credential out of force, before they are asked and after. */
  #admit(action: Action, commander: Commander, about: About): undefined | Promise<void> {
    assertInForce(commander);
    return this.#options.admission.isOpen(action, about.resolved) ? undefined : this.#ask(action, commander, about);
  }

  async #ask(action: Action, commander: Commander, { channel, resolved }: About): Promise<void> {
    const { identity, address } = commander;
    const refusal = await this.#options.admission.refusal({ action, channel, resolved, asker: { identity, address } });
    if (refusal !== undefined) throw refusal;
    // The rule may have taken longer than the credential lasted.
    assertInForce(commander);
  }

  #denied(
    error: unknown,
    { id, address, identity }: Connection,
    { type, channel }: { readonly type: ClientFrame['type']; readonly channel?: string },
  ): void {
    const { status, code } = toHttpError(error);
    if (status !== 401 && status !== 403) return;
    const who = { connection: id, address, ...(identity === '' ? {} : { identity }) };
    this.#options.onDenied({ code, action: type, ...who, ...(channel === undefined ? {} : { channel }) });
  }

  #refusal(
    error: unknown,
    { language, connection }: Commander,
    about: { readonly type: ClientFrame['type']; readonly id?: number; readonly channel?: string },
  ): ErrorFrame {
    if (isUnexpected(error)) this.#options.onError(error);
    this.#denied(error, connection, about);
    // A publish is repeated by who made it, if at all: whether it would fail again only its payload knows.
    const faultsPass = about.type !== 'publish';
    return commandError(error, { id: about.id, channel: about.channel, language, faultsPass });
  }
}

/** Throws for a credential that is worth nothing any more, though its connection may still stand. */
function assertInForce({ connection, identity, outOfForce }: Commander): void {
  if (connection.lapsed) {
    // A refusal of the channel would look like one for good: it is the connection that has to come again.
    connection.close('credentialExpired');
    throw new FanfareError('CLOSED');
  }
  const refusal = outOfForce?.(identity);
  if (refusal !== undefined) throw refusal;
  // What its wire commands ends with it. A request beside it lives by its own credential: a poll is answered in the middle of one.
  if (outOfForce === undefined && connection.closed) throw new FanfareError('CLOSED');
}

function alreadySubscribed(channel: string): FanfareError {
  return new FanfareError('ALREADY_SUBSCRIBED', { details: { channel } });
}
