/** One client behind a WebSocket: reads its messages, has their commands carried out in order, and answers. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ClientFrame, decodeClientFrame, jsonDepthWithin, type Language, type Problem } from '@fanfare/protocol';
import type { Identity } from '../../auth/identity.ts';
import type { Connection, LimitFacts } from '../../core/index.ts';
import { holdsPrototype, mayHoldPrototype } from '../../http/body.ts';
import type { WireLimits } from '../../http/wire-limits.ts';
import { bearerRequest, type OpeningRequest } from '../bearer-request.ts';
import { commandError, frameError } from '../commands/command-error.ts';
import type { CommandRates } from '../commands/command-rates.ts';
import type { Commander } from '../commands/commander.ts';
import type { Commands } from '../commands/commands.ts';

/** What all sessions of a hub share. */
export interface SessionHost {
  readonly commands: Commands;
  readonly rates: CommandRates;
  readonly limits: Pick<WireLimits, 'maxJsonDepth'>;
  /** Told who met which limit. */
  readonly onHit: (limit: keyof WireLimits, about: LimitFacts) => void;
  /** Who asks; rejects with what the application throws. */
  readonly identify: (request: IncomingMessage) => Promise<Identity | undefined>;
}

export interface SessionOptions {
  readonly connection: Connection;
  readonly identity: Identity | undefined;
  readonly language: Language;
  readonly opening: OpeningRequest;
  readonly socket: Socket;
  /** What is not read waits at the client. */
  readonly peer: { pause(): void; resume(): void };
}

/** As in a body of the uplink: harmless here, and poison to who copies the payload key by key. */
const FORBIDDEN_KEY: Problem = {
  code: 'FRAME_INVALID',
  field: '__proto__',
  expected: 'no key of this name',
  got: 'one',
};

/** Commands that may wait for the one before them. */
const MAX_WAITING = 64;

export class WsSession implements Commander {
  readonly connection: Connection;
  readonly language: Language;
  identity: Identity | undefined;
  readonly #host: SessionHost;
  readonly #opening: OpeningRequest;
  readonly #socket: Socket;
  readonly #peer: SessionOptions['peer'];
  /** undefined: none is carried out now. */
  #waiting: ClientFrame[] | undefined;
  #paused = false;

  constructor(host: SessionHost, options: SessionOptions) {
    this.#host = host;
    this.connection = options.connection;
    this.identity = options.identity;
    this.language = options.language;
    this.#opening = options.opening;
    this.#socket = options.socket;
    this.#peer = options.peer;
  }

  get address(): string {
    return this.connection.address;
  }

  identify(token: string): Promise<Identity | undefined> {
    return this.#host.identify(bearerRequest(this.#opening, token, this.#socket));
  }

  /** The peer went over a bound. */
  met(limit: keyof WireLimits): void {
    const { id, address, identity } = this.connection;
    this.#host.onHit(limit, { connection: id, address, ...(identity === '' ? {} : { identity }) });
  }

  /** One text message. What is no frame, or comes too fast, is answered, and the connection stays. */
  receive(text: string): void {
    const { connection, language } = this;
    if (connection.closed) return;
    const { maxJsonDepth } = this.#host.limits;
    const decoded = decodeClientFrame(text, maxJsonDepth);
    if (!decoded.ok && !jsonDepthWithin(text, maxJsonDepth)) this.met('maxJsonDepth');
    const id = decoded.ok ? ('id' in decoded.value ? decoded.value.id : undefined) : decoded.id;
    const rate = this.#host.rates.take(connection);
    if (rate.kind === 'exhausted') connection.close('rateLimited');
    else if (rate.kind === 'refused') connection.control(commandError(rate.error, { id, language }));
    else if (!decoded.ok) connection.control(frameError(decoded.problem, { id, language }));
    else if (mayHoldPrototype(text) && holdsPrototype(JSON.parse(text))) {
      connection.control(frameError(FORBIDDEN_KEY, { id, language }));
    } else this.#take(decoded.value);
  }

  #take(frame: ClientFrame): void {
    // A ping asks whether we are there, and not whether the commands before it are done.
    if (frame.type === 'ping') void this.#carryOut(frame);
    else if (this.#waiting !== undefined) this.#wait(this.#waiting, frame);
    else {
      this.#waiting = [frame];
      void this.#work(this.#waiting);
    }
  }

  #wait(waiting: ClientFrame[], frame: ClientFrame): void {
    waiting.push(frame);
    if (waiting.length < MAX_WAITING || this.#paused) return;
    this.#paused = true;
    this.#peer.pause();
  }

  async #work(waiting: ClientFrame[]): Promise<void> {
    for (let frame = waiting.shift(); frame !== undefined && !this.connection.closed; frame = waiting.shift()) {
      await this.#carryOut(frame);
    }
    this.#waiting = undefined;
    if (!this.#paused) return;
    this.#paused = false;
    this.#peer.resume();
  }

  async #carryOut(frame: ClientFrame): Promise<void> {
    const answer = await this.#host.commands.execute(this, frame);
    if (!answer.told) this.connection.control(answer.frame);
  }
}
