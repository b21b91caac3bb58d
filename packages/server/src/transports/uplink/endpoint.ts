/** POST /live/uplink/{connection} [PROTOCOL §14]: commands for a connection whose wire has no way back. */
import type { IncomingMessage } from 'node:http';
import { type ClientFrame, type ControlFrame, readClientFrame } from '@fanfare/protocol';
import { checkIdentity, type Identity } from '../../auth/identity.ts';
import type { Connection, Hub } from '../../core/index.ts';
import { catalogueError, fail, type HttpError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { WireLimits } from '../../http/wire-limits.ts';
import { bearerRequest, openingRequest } from '../bearer-request.ts';
import { commandError, frameError } from '../commands/command-error.ts';
import type { CommandRates } from '../commands/command-rates.ts';
import type { Commander } from '../commands/commander.ts';
import type { Commands } from '../commands/commands.ts';

/** Clients that have no connection for the moment, because they are between two polls. */
export interface Lobby {
  /** Resolves when the client is back, has been away for too long, or is not expected. */
  returned(connection: string, subject: string): Promise<void>;
}

export interface UplinkOptions {
  readonly hub: Pick<Hub, 'connection'>;
  readonly lobby: Lobby;
  readonly commands: Commands;
  readonly rates: CommandRates;
  readonly limits: Pick<WireLimits, 'maxMessageBytes' | 'maxJsonDepth'>;
  /** Who asks; rejects with what the application throws. */
  readonly identify: (request: IncomingMessage) => Promise<Identity | undefined>;
  /** What an identity is refused with by now; undefined: nothing. */
  readonly outOfForce: (identity: Identity | undefined) => HttpError | undefined;
}

const MAX_FRAMES = 64;

/** A handler for the router. */
export class UplinkEndpoint {
  readonly #options: UplinkOptions;

  constructor(options: UplinkOptions) {
    this.#options = options;
  }

  async handle(exchange: Exchange): Promise<void> {
    const { identify, outOfForce } = this.#options;
    const id = exchange.param('connection');
    const identity = await identify(exchange.req);
    const subject = identity?.subject ?? '';
    // Before the body is read, so that a stranger's costs nothing; and after, because reading takes its time.
    await this.#reach(id, subject);
    const { maxMessageBytes: maxBytes, maxJsonDepth: maxDepth } = this.#options.limits;
    const frames = readFrames(await exchange.json({ maxBytes, maxDepth }));
    const connection = await this.#reach(id, subject);
    const refusal = outOfForce(identity);
    if (refusal !== undefined) throw refusal;
    let commander: Commander = {
      ...{ connection, identity, address: exchange.address, language: exchange.language },
      outOfForce,
      identify: (token) => identify(bearerRequest(openingRequest(exchange.req), token, exchange.req.socket)),
    };
    const answers: ControlFrame[] = [];
    for (const frame of frames) {
      commander = await this.#follow(commander, id);
      answers.push(await this.#answer(commander, frame));
    }
    exchange.send(200, { frames: answers });
  }

  /** The connection of a client, for which one that is between two polls is waited. */
  async #reach(id: string, subject: string): Promise<Connection> {
    if (this.#options.hub.connection(id) === undefined) await this.#options.lobby.returned(id, subject);
    return this.#find(id, subject);
  }

  /** A poll is answered by what its own client publishes: the commands behind that go on with the next poll. */
  async #follow(commander: Commander, id: string): Promise<Commander> {
    const { connection, identity } = commander;
    if (!connection.closed || connection.transport !== 'poll') return commander;
    try {
      return { ...commander, connection: await this.#reach(id, identity?.subject ?? '') };
    } catch {
      // It has not come back: what is left is answered with CLOSED.
      return commander;
    }
  }

  /** The connection, where it is of this subject. A WebSocket has its own way back, and a system's own stream has none. */
  #find(id: string, subject: string): Connection {
    const connection = this.#options.hub.connection(id);
    const isReachable = connection?.transport !== undefined && connection.transport !== 'ws';
    if (isReachable && !connection.closed && connection.identity === subject) return connection;
    throw catalogueError('CONNECTION_UNKNOWN', { connection: id });
  }

  /** What a WebSocket would have got for the same frame. */
  async #answer(commander: Commander, value: unknown): Promise<ControlFrame> {
    const { connection, language } = commander;
    const decoded = readClientFrame(value);
    const id = decoded.ok ? idOf(decoded.value) : decoded.id;
    const rate = this.#options.rates.take(connection);
    if (rate.kind === 'exhausted') connection.close('rateLimited');
    if (connection.closed) return commandError(catalogueError('CLOSED'), { id, language });
    if (rate.kind === 'refused') return commandError(rate.error, { id, language });
    if (!decoded.ok) return frameError(decoded.problem, { id, language });
    const { type } = decoded.value;
    const who = type === 'subscribe' ? { ...commander, identity: identityOf(connection) } : commander;
    return (await this.#options.commands.execute(who, decoded.value)).frame;
  }
}

/** A subscription lasts as long as its connection, so it is that whose credential allows it: `auth` brings a better one. */
function identityOf({ credential }: Connection): Identity | undefined {
  return checkIdentity(credential, 'the credential of a connection');
}

function idOf(frame: ClientFrame): number | undefined {
  return 'id' in frame ? frame.id : undefined;
}

/** `{"frames":[...]}`, or one bare frame. What is wrong with one of them is answered in its place. */
function readFrames(body: unknown): readonly unknown[] {
  if (typeof body !== 'object' || body === null || !('frames' in body)) return [body];
  const { frames } = body;
  if (!Array.isArray(frames)) return fail('FIELD_INVALID', { field: 'frames', expected: `1 to ${MAX_FRAMES} frames` });
  if (frames.length === 0) return fail('BATCH_EMPTY');
  return frames.length > MAX_FRAMES ? fail('BATCH_TOO_LARGE', { limit: MAX_FRAMES }) : frames;
}
