/**
 * Does what clients of the rooms ask, whichever protocol they speak. Knows of rooms only what the hub knows: who is in one is
 * who follows its channel.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { type Check, FanfareError, type OwnConnection } from 'fanfare';
import { catalogueError } from 'fanfare/http';
import { BROADCAST_CHANNEL, channelOf, roomOf } from './channels.ts';
import type { RoomsLive } from './live.ts';
import { Refused, refusal } from './refusals.ts';
import type { RoomsRequest } from './requests.ts';
import type { StoreRate } from './store-rate.ts';

/** A client as the desk sees it. */
export interface Asking {
  readonly clientId: string;
  readonly connection: OwnConnection;
}

export interface RoomJoined {
  readonly type: 'room-joined';
  readonly room: string;
  readonly timestamp: string;
  /** Clients in it on this server, this one included. */
  readonly members: number;
  /** What came after this position comes from now on; to be sent back as `since`. */
  readonly position?: string | undefined;
  /** Present where `since` was: is everything that was missed on its way? */
  readonly recovered?: boolean | undefined;
  readonly cause?: string | undefined;
}

export type DeskAnswer =
  | { readonly type: 'pong'; readonly timestamp: string }
  | { readonly type: 'echo'; readonly original: unknown; readonly timestamp: string }
  | { readonly type: 'broadcast'; readonly timestamp: string }
  | RoomJoined
  | { readonly type: 'room-left'; readonly room: string; readonly timestamp: string }
  | { readonly type: 'room-message'; readonly room: string; readonly timestamp: string; readonly position: string };

export interface Done {
  readonly answer: DeskAnswer;
  /** The connection was told in its place among the messages, or gets its own message as everybody does. */
  readonly told: boolean;
}

export interface DeskOptions {
  readonly live: RoomsLive;
  /** Who may send to a room that they are in. */
  readonly send: Check;
  readonly mayBroadcast: boolean;
  readonly maxRooms: number;
  readonly storeRate: Pick<StoreRate, 'takes'>;
  /** Told of who is in as many rooms as may be, and asks for another. */
  readonly full: (connection: OwnConnection) => void;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

export class Desk {
  readonly #options: DeskOptions;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Rejects with Refused for what may not be; with anything else for a fault of ours. */
  async carryOut(client: Asking, request: RoomsRequest): Promise<Done> {
    const timestamp = this.timestamp();
    switch (request.type) {
      case 'ping':
        return { answer: { type: 'pong', timestamp }, told: false };
      case 'echo':
        return { answer: { type: 'echo', original: request.message, timestamp }, told: false };
      case 'broadcast':
        return this.#broadcast(client, request.message);
      case 'join-room':
        return this.#join(client, request);
      case 'leave-room': {
        // What the client has just sent is stored, and leaves at the end of this turn: it must reach itself, too.
        await endOfTurn();
        const told = client.connection.unsubscribe(channelOf(request.room));
        return { answer: { type: 'room-left', room: request.room, timestamp }, told };
      }
      case 'room-message':
        return this.#send(client, request);
    }
  }

  /** Now, as ISO 8601. */
  timestamp(): string {
    return new Date(this.#options.now()).toISOString();
  }

  async #join(
    { connection }: Asking,
    { room, since }: Extract<RoomsRequest, { readonly type: 'join-room' }>,
  ): Promise<Done> {
    const channel = channelOf(room);
    if (!connection.follows(channel) && roomsOf(connection).length >= this.#options.maxRooms) {
      this.#options.full(connection);
      throw refusal('TOO_MANY_ROOMS', connection.language);
    }
    const { frame, told } = await connection.command({
      type: 'subscribe',
      channel,
      ...(since === undefined ? {} : { position: since }),
    });
    const joined = { type: 'room-joined', room, timestamp: this.timestamp() } as const;
    const members = this.#options.live.subscribers(channel);
    if (frame.type === 'subscribed') {
      const { position, recovered, cause } = frame;
      return { answer: { ...joined, members, position, recovered, cause }, told };
    }
    // To be where one is already is no mistake.
    if (frame.type === 'error' && frame.code === 'ALREADY_SUBSCRIBED') {
      return { answer: { ...joined, members }, told: false };
    }
    throw frame.type === 'error' ? new Refused(frame.code, frame.message) : new TypeError(`answered ${frame.type}`);
  }

  async #send(
    { clientId, connection }: Asking,
    { room, message }: Extract<RoomsRequest, { readonly type: 'room-message' }>,
  ): Promise<Done> {
    const { live, send, storeRate } = this.#options;
    const channel = channelOf(room);
    if (!connection.follows(channel)) throw refusal('NOT_IN_ROOM', connection.language);
    await this.#ask(send, { channel, room, connection });
    if (!storeRate.takes(connection, message)) throw refusal('RATE_LIMITED', connection.language);
    const timestamp = this.timestamp();
    const { position } = await told(connection, () =>
      live.channel(channel).publish('room-message', { from: clientId, message, timestamp }),
    );
    return { answer: { type: 'room-message', room, timestamp, position }, told: true };
  }

  async #broadcast({ clientId, connection }: Asking, message: unknown): Promise<Done> {
    const { live, mayBroadcast } = this.#options;
    if (!mayBroadcast) throw refusal('BROADCAST_DISABLED', connection.language);
    const timestamp = this.timestamp();
    await told(connection, () =>
      live.channel(BROADCAST_CHANNEL).publish('broadcast', { from: clientId, message, timestamp }),
    );
    return { answer: { type: 'broadcast', timestamp }, told: true };
  }

  /** Throws what the check says no with. */
  async #ask(
    check: Check,
    about: { readonly channel: string; readonly room: string; readonly connection: OwnConnection },
  ): Promise<void> {
    if (check === 'public') return;
    const { channel, room, connection } = about;
    const { identity, address, language } = connection;
    const decision = await check({ action: 'publish', channel, params: { room }, identity, address });
    if (decision.allow === true) return;
    const known = catalogueError('FORBIDDEN', { channel }).body(language).error.message;
    throw new Refused(decision.code, decision.message ?? known);
  }
}

/** Rooms that a connection is in. */
export function roomsOf({ channels }: { readonly channels: readonly string[] }): readonly string[] {
  return channels.flatMap((channel) => roomOf(channel) ?? []);
}

/** Everything a client is told of itself when it comes. */
export interface Welcome {
  readonly type: 'welcome';
  readonly clientId: string;
  readonly message: string;
  readonly timestamp: string;
}

export function welcome(clientId: string, timestamp: string): Welcome {
  return { type: 'welcome', clientId, message: 'Connected to WebSocket server', timestamp };
}

/** What the hub refuses, in the language of the client. */
async function told<T>({ language }: OwnConnection, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof FanfareError)) throw error;
    throw new Refused(error.code, catalogueError(error.code, error.details).body(language).error.message);
  }
}
