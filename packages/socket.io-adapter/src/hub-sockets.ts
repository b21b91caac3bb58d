/** The sockets of a namespace as connections of the hub, and which of their rooms are channels of it. */
import type { AnyFanfare, Encoding, Identity, OwnConnection } from 'fanfare';
import type { Socket } from 'socket.io';
import { resumeFrom } from './offset.ts';
import type { SessionCredential } from './session-store.ts';
import { SocketWire } from './socket-wire.ts';
import { closeCodeOf, watchWire } from './wire-code.ts';

export interface HubSocketsOptions {
  readonly live: Pick<AnyFanfare, 'open' | 'callerOf'>;
  readonly encoding: Encoding;
  /** The hub channel that a room is; undefined: it is Socket.IO's own. */
  readonly channelOf: (room: string) => string | undefined;
  readonly identityOf: (socket: Socket) => Identity | undefined;
  /** Where a socket stands in the log; undefined: offsets are not told. */
  readonly logPosition: (id: string) => string | undefined;
  readonly maxAgeMs: number;
}

/** What a client brings along that comes back. */
export interface Return {
  readonly cursor: string;
  /** By room. */
  readonly joinedAt: ReadonlyMap<string, string>;
}

interface HubSocket {
  readonly connection: OwnConnection;
  readonly wire: SocketWire;
  /** By room: from where the socket is in it. */
  readonly joinedAt: Map<string, string>;
  /** How it ends; undefined: it does not. */
  code: number | undefined;
}

const connections = new WeakMap<Socket, OwnConnection>();

/** The connection of the hub behind a socket, from its 'connection' on; undefined: its namespace has another adapter. */
export function hubConnection(socket: Socket): OwnConnection | undefined {
  return connections.get(socket);
}

export class HubSockets {
  readonly #options: HubSocketsOptions;
  readonly #sockets = new Map<string, HubSocket>();

  constructor(options: HubSocketsOptions) {
    this.#options = options;
  }

  /** A socket is connected. The rooms that the server has put it in already are joined. */
  open(socket: Socket, rooms: Iterable<string>, from?: Return): void {
    const { live, encoding, identityOf, logPosition, maxAgeMs } = this.#options;
    const drained = (): void => connection.drained();
    const wire = new SocketWire({
      ...{ socket, drained, cursor: from?.cursor ?? '' },
      overflowed: () => connection.close('slowConsumer'),
      logPosition: () => logPosition(socket.id),
    });
    const identity = identityOf(socket);
    const connection = live.open(wire, {
      ...{ encoding, label: 'socket.io', maxAgeMs, request: socket.request, ...live.callerOf(socket.request) },
      ...(identity === undefined ? {} : { identity }),
    });
    connections.set(socket, connection);
    // There was no room for it, or its credential is out of force: it was told, and has ended already.
    if (connection.closed) {
      wire.release();
      return;
    }
    const record: HubSocket = { connection, wire, joinedAt: new Map(from?.joinedAt), code: undefined };
    this.#sockets.set(socket.id, record);
    watchWire(socket.conn);
    socket.on('disconnecting', (reason) => {
      record.code = closeCodeOf(socket, reason);
    });
    void this.join(socket.id, rooms);
  }

  /** Resolves when every room that is a channel is followed. Never rejects; a room that cannot be is left out. */
  async join(id: string, rooms: Iterable<string>): Promise<void> {
    const socket = this.#sockets.get(id);
    if (socket === undefined) return;
    const { connection, joinedAt } = socket;
    for (const room of rooms) {
      const channel = this.#options.channelOf(room);
      if (channel === undefined || connection.follows(channel)) continue;
      const outcome = await connection.subscribe(channel);
      const position = outcome.kind === 'subscribed' ? outcome.frame?.position : undefined;
      if (position !== undefined) joinedAt.set(room, position);
    }
  }

  /**
   * Brings a socket back into rooms that are channels. Nobody is let in on the strength of having been in: the rule of each channel
   * is asked of who comes now. Resolves with those that it is in; undefined: what stands in the way passes, and it has to come again.
   * Never rejects.
   */
  async rejoin(id: string, rooms: Iterable<string>, from: Return): Promise<readonly string[] | undefined> {
    const { connection, joinedAt } = this.#sockets.get(id) ?? {};
    const entered: string[] = [];
    if (connection === undefined || joinedAt === undefined) return entered;
    for (const room of rooms) {
      const channel = this.#options.channelOf(room);
      if (channel === undefined) continue;
      const after = resumeFrom(from.cursor, channel, from.joinedAt.get(room));
      const position = after === undefined ? {} : { position: after };
      const { frame } = await connection.command({ type: 'subscribe', channel, ...position });
      const at = frame.type === 'subscribed' ? (after ?? frame.position) : undefined;
      if (at !== undefined) joinedAt.set(room, at);
      // The server itself may have put it there in the meantime.
      if (connection.follows(channel)) entered.push(room);
      else if (frame.type === 'error' && frame.retry === true) return undefined;
      else joinedAt.delete(room);
    }
    return entered;
  }

  /** Whoever had the hub subscribe by itself says from where. */
  joined(id: string, room: string, position: string | undefined): void {
    if (position !== undefined) this.#sockets.get(id)?.joinedAt.set(room, position);
  }

  leave(id: string, room: string): void {
    const socket = this.#sockets.get(id);
    const channel = this.#options.channelOf(room);
    if (socket === undefined || channel === undefined) return;
    socket.joinedAt.delete(room);
    socket.connection.unsubscribe(channel);
  }

  /** It is gone. */
  close(id: string): void {
    const socket = this.#sockets.get(id);
    if (socket === undefined) return;
    this.#sockets.delete(id);
    socket.wire.release();
    socket.connection.ended(socket.code);
  }

  /** Where its client stands in the channels, as far as it was told. */
  cursorOf(id: string): string {
    return this.#sockets.get(id)?.wire.cursor ?? '';
  }

  /** Whose it is now, as JSON holds it: what never ends has no end, as there is no Infinity. null: nobody's in particular. */
  credentialOf(id: string): SessionCredential | null {
    const { subject, tokenId, issuedAt, expiresAt } = this.#sockets.get(id)?.connection.identity ?? {};
    if (subject === undefined) return null;
    return {
      subject,
      ...(tokenId === undefined ? {} : { tokenId }),
      ...(issuedAt === undefined || issuedAt === Number.NEGATIVE_INFINITY ? {} : { issuedAt }),
      ...(expiresAt === undefined || expiresAt === Number.POSITIVE_INFINITY ? {} : { expiresAt }),
    };
  }

  joinedAt(id: string, room: string): string | null {
    return this.#sockets.get(id)?.joinedAt.get(room) ?? null;
  }
}
