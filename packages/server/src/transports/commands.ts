/**
 * Carries out what a client says on an open connection [PROTOCOL §5.9]: the same for a WebSocket and for the uplink of a one-way
 * wire. Who asks was found out when the connection was opened, and may be renewed on it; each subscribe and each publish asks the
 * channel's access rule anew.
 */
import type { IncomingMessage } from 'node:http';
import {
  type AuthFrame,
  type ClientFrame,
  type ControlFrame,
  decodePosition,
  describeError,
  type ErrorFrame,
  isErrorCode,
  type Language,
  type PublishFrame,
  STATE_EVENT,
  type SubscribeFrame,
  type UnsubscribeFrame,
} from '@fanfare/protocol';
import { type AccessDecision, decideAccess } from '../auth/access.ts';
import { type Authenticate, type Identity, identify } from '../auth/identity.ts';
import type { ChannelRegistry } from '../channels/channel-map.ts';
import { FanfareError } from '../channels/fanfare-error.ts';
import type { Publisher } from '../channels/publisher.ts';
import type { Clock, Connection } from '../core/index.ts';
import { isUnexpected, toHttpError } from '../http/errors.ts';
import { accessError } from './admission.ts';
import { withBearer } from './bearer.ts';

export interface CommandsOptions {
  readonly registry: ChannelRegistry;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly authenticate: Authenticate | undefined;
  /** Told what failed on our side. */
  readonly onError: (error: unknown) => void;
}

/** One open connection, as its commands see it. */
export interface CommandSession {
  readonly connection: Connection;
  /** That opened the connection: where its credential was. */
  readonly request: IncomingMessage;
  readonly address: string;
  readonly language: Language;
  /** Whoever asks, from now on. */
  identity: Identity | undefined;
}

export interface CommandAnswer {
  readonly frame: ControlFrame;
  /** The connection's wire has it already. */
  readonly told: boolean;
}

export class Commands {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Never rejects: whatever fails is an `error` frame, which changed nothing. */
  async run(session: CommandSession, frame: ClientFrame): Promise<CommandAnswer> {
    try {
      return await this.#run(session, frame);
    } catch (error) {
      return { told: false, frame: this.#errorFrame(session, frame, error) };
    }
  }

  #run(session: CommandSession, frame: ClientFrame): Promise<CommandAnswer> | CommandAnswer {
    switch (frame.type) {
      case 'subscribe':
        return this.#subscribe(session, frame);
      case 'unsubscribe':
        return answer(unsubscribe(session, frame));
      case 'publish':
        return this.#publish(session, frame);
      case 'auth':
        return this.#authenticate(session, frame);
      case 'ping':
        return answer({ type: 'heartbeat', time: this.#options.clock.wallTime() });
    }
  }

  async #subscribe(session: CommandSession, { channel, id, position }: SubscribeFrame): Promise<CommandAnswer> {
    await this.#assertAllowed(session, 'subscribe', channel);
    const from = position === undefined ? undefined : decodePosition(position);
    const outcome = await session.connection.subscribe(channel, {
      ...(from === undefined ? {} : { position: from.ok ? from.value : 'invalid' }),
      ...(id === undefined ? {} : { id }),
    });
    if (outcome.kind === 'refused') throw new FanfareError(isErrorCode(outcome.code) ? outcome.code : 'CONNECTION_UNKNOWN');
    if (outcome.frame !== undefined) return { frame: outcome.frame, told: true };
    // It has the channel already, and goes on as it was.
    const { kind } = this.#resolve(channel).definition;
    return answer({ type: 'subscribed', channel, kind, ...(id === undefined ? {} : { id }) });
  }

  async #publish(session: CommandSession, frame: PublishFrame): Promise<CommandAnswer> {
    const { id, channel, event, data, key, idempotencyKey } = frame;
    await this.#assertAllowed(session, 'publish', channel);
    const { publisher } = this.#options;
    const isState = event === STATE_EVENT && this.#resolve(channel).definition.kind === 'state';
    const { position, duplicate, ack } = isState
      ? await publisher.set({ channel, data, key, idempotencyKey })
      : await publisher.publish({ channel, event, data, idempotencyKey });
    return answer({ type: 'published', id, ...(position === undefined ? {} : { position }), duplicate, ack });
  }

  /** Somebody else's credential does not take over what this identity was granted. */
  async #authenticate(session: CommandSession, { id, token }: AuthFrame): Promise<CommandAnswer> {
    const { connection, request } = session;
    const identity = await identify(this.#options.authenticate, withBearer(request, token));
    if (identity === undefined) throw new FanfareError('UNAUTHENTICATED');
    const { subject } = identity;
    if (connection.identity !== '' && connection.identity !== subject) throw new FanfareError('FORBIDDEN');
    session.identity = identity;
    connection.identity = subject;
    await this.#askAgain(session);
    return answer({ type: 'authenticated', subject, ...(id === undefined ? {} : { id }) });
  }

  /** What the new credential does not grant ends. */
  async #askAgain(session: CommandSession): Promise<void> {
    const { connection, language } = session;
    for (const { channel } of [...connection.subscriptions]) {
      const decision = await this.#decide(session, 'subscribe', channel);
      if (decision.allow || decision.status === 429 || !connection.unsubscribe(channel)) continue;
      const { code, message = isErrorCode(code) ? describeError(code, language) : code } = decision;
      connection.control({ type: 'unsubscribed', channel, code, reason: message });
    }
  }

  async #assertAllowed(session: CommandSession, action: 'subscribe' | 'publish', channel: string): Promise<void> {
    const decision = await this.#decide(session, action, channel);
    if (!decision.allow) throw accessError(channel, decision);
  }

  #decide(session: CommandSession, action: 'subscribe' | 'publish', channel: string): Promise<AccessDecision> {
    const { definition, pattern, params } = this.#resolve(channel);
    const { identity, address } = session;
    return decideAccess({ pattern, rule: definition.access }, { action, channel, params, identity, address });
  }

  #resolve(channel: string): NonNullable<ReturnType<ChannelRegistry['find']>> {
    const resolved = this.#options.registry.find(channel);
    if (resolved === undefined) throw new FanfareError('CHANNEL_UNKNOWN', { details: { channel } });
    return resolved;
  }

  #errorFrame({ language }: CommandSession, frame: ClientFrame, error: unknown): ErrorFrame {
    if (isUnexpected(error)) this.#options.onError(error);
    const { code, message, details, retry } = told(error, language);
    return {
      type: 'error',
      code,
      message,
      ...('channel' in frame ? { channel: frame.channel } : {}),
      ...('id' in frame && frame.id !== undefined ? { id: frame.id } : {}),
      retry,
      ...(details === undefined ? {} : { details }),
    };
  }
}

interface Told {
  readonly code: string;
  readonly message: string;
  readonly retry: boolean;
  readonly details?: unknown;
}

/** What passes with time says so; a mistake does not become right by being repeated. */
function told(error: unknown, language: Language): Told {
  const http = toHttpError(error);
  return { ...http.body(language).error, retry: http.status === 429 || http.status >= 500 };
}

function unsubscribe({ connection }: CommandSession, { channel, id }: UnsubscribeFrame): ControlFrame {
  connection.unsubscribe(channel);
  return { type: 'unsubscribed', channel, ...(id === undefined ? {} : { id }) };
}

function answer(frame: ControlFrame): CommandAnswer {
  return { frame, told: false };
}

