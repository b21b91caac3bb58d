/**
 * A connection of the hub over a wire of an application's own: what `live.open` and `live.webSocketPath` give. To the hub it
 * is one like any other: it counts, is bounded, is told to leave, and is found by operators.
 */
import type { IncomingMessage } from 'node:http';
import type { ClientFrame, CloseName, ControlFrame, Language } from '@fanfare/protocol';
import type { Identity } from '../../auth/identity.ts';
import { FanfareError } from '../../channels/fanfare-error.ts';
import type { Connection, Handshake, SubscribeOutcome } from '../../core/index.ts';
import type { Commander } from '../commands/commander.ts';
import type { Answer, Commands } from '../commands/commands.ts';
import { readCursor } from '../resume.ts';

export interface OwnConnectionOptions {
  readonly commands: Commands;
  readonly connection: Connection;
  readonly identity: Identity | undefined;
  readonly language: Language;
}

/** What a request tells of who calls. */
export interface Caller {
  /** The peer of the socket, or with `trustedHops` whom our proxies name; '' when nothing is known. */
  readonly address: string;
  /** Of messages for people, by `Accept-Language`. */
  readonly language: Language;
}

/** What the hub is told of a client that an application let in. */
export interface OpenOptions
  extends Pick<Handshake, 'encoding' | 'label' | 'address' | 'heartbeatMs' | 'maxAgeMs' | 'isServer'> {
  /** Whose it is. @default nobody's in particular */
  readonly identity?: Identity;
  /**
   * The request that it came by, as `live.identify` was asked about it: what is disconnected from then on does not stand either.
   * @default it is let in this very moment
   */
  readonly request?: IncomingMessage;
  /** Of messages for people. @default en */
  readonly language?: Language;
}

/** Of one subscription. */
export interface OwnSubscribeOptions {
  /** A position of the channel, or a compound cursor. @default from now on */
  readonly after?: string;
}

/** One client that an application let in, over a wire of its own. */
export class OwnConnection {
  /** Of messages for people. */
  readonly language: Language;
  readonly #commands: Commands;
  readonly #connection: Connection;
  readonly #commander: Commander;

  constructor(options: OwnConnectionOptions) {
    const { commands, connection, identity, language } = options;
    this.language = language;
    this.#commands = commands;
    this.#connection = connection;
    this.#commander = {
      connection,
      address: connection.address,
      language,
      identity,
      identify: () => Promise.reject(new FanfareError('UNAUTHENTICATED')),
    };
  }

  /** As lists of connections show it. */
  get id(): string {
    return this.#connection.id;
  }

  /** Of the peer; '' when nothing is known. */
  get address(): string {
    return this.#connection.address;
  }

  /** Whose it is; undefined: nobody in particular. */
  get identity(): Identity | undefined {
    return this.#commander.identity;
  }

  /** Messages handed to the wire so far: events, frames that the format shows, and those of its own. */
  get sent(): number {
    return this.#connection.delivery.handed;
  }

  /**
   * Whose it is from now on: a fresh credential of the same subject, or the first one of nobody in particular. It ends with that. What it
   * follows stays: whether it still may is yours to decide. Throws SUBJECT_MISMATCH for somebody else's.
   */
  belongTo(identity: Identity): void {
    const held = this.#connection.identity;
    if (held !== '' && held !== identity.subject) throw new FanfareError('SUBJECT_MISMATCH');
    this.#commander.identity = identity;
    this.#connection.belongTo(identity);
  }

  /** It has ended, whoever ended it. */
  get closed(): boolean {
    return this.#connection.closed;
  }

  /** Channels that it follows now. */
  get channels(): readonly string[] {
    return this.#connection.subscriptions.map(({ channel }) => channel);
  }

  follows(channel: string): boolean {
    return this.#connection.subscription(channel) !== undefined;
  }

  /** Where its client stands, for formats with a trailer; '' while it follows nothing. */
  get cursor(): string {
    return this.#connection.delivery.standing.text;
  }

  /**
   * Carries out a command of PROTOCOL §14 as if its client had sent it: the access rule of the channel is asked. `told`: the
   * format was given the frame already, in its place among the events. Never rejects. Not `auth`: a wire of your own has
   * its own way to say who it is.
   */
  command(frame: Exclude<ClientFrame, { readonly type: 'auth' }>): Promise<Answer> {
    return this.#commands.execute(this.#commander, frame);
  }

  /** Follows a channel without asking its access rule: whether it may is yours to decide. Never rejects. */
  async subscribe(channel: string, { after = '' }: OwnSubscribeOptions = {}): Promise<SubscribeOutcome> {
    const position = readCursor(after, [channel]).get(channel);
    return this.#connection.subscribe(channel, position === undefined ? {} : { position });
  }

  /** false: it did not follow it. */
  unsubscribe(channel: string): boolean {
    return this.#connection.unsubscribe(channel);
  }

  /** Gives the format a frame, in its place among the events. */
  control(frame: ControlFrame): void {
    this.#connection.control(frame);
  }

  /** Bytes of the wire's own, in order with everything else and within the same bounds. */
  tell(bytes: Uint8Array): void {
    this.#connection.tell(bytes);
  }

  /** The wire says: the peer is there. */
  heard(): void {
    this.#connection.heard();
  }

  /** The wire says: what it had buffered has left. */
  drained(): void {
    this.#connection.drained();
  }

  /** The wire says: it has ended. @default 1006, without a word */
  ended(code?: number): void {
    this.#connection.ended(code);
  }

  /** Ends it: the transport is told to close. */
  close(name: CloseName): void {
    if (name === 'slowConsumer') this.#connection.slow();
    else this.#connection.close(name);
  }
}
