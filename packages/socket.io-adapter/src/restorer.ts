/** Brings a client back [Socket.IO: connection state recovery]: who it was, and everything it missed, or nothing at all. */
import type { AnyFanfare } from 'fanfare';
import type { Namespace, Socket } from 'socket.io';
import type { BroadcastOptions, Session } from 'socket.io-adapter';
import type { Return } from './hub-sockets.ts';
import { type Broadcast, isBroadcast, isRecoverable, optionsOf, packetOf, unwrap } from './messages.ts';
import { decodeOffset, encodeOffset, resumeFrom } from './offset.ts';
import type { Returning } from './returning.ts';
import type { SessionStore } from './session-store.ts';

export interface RestorerOptions {
  readonly nsp: Namespace;
  readonly live: Pick<AnyFanfare, 'api'>;
  /** The log of the namespace. */
  readonly log: string;
  readonly channelOf: (room: string) => string | undefined;
  readonly store: SessionStore;
  readonly returning: Returning;
  /** Id of this server. */
  readonly self: string;
}

const HISTORY_PAGE = 1000;

export class Restorer {
  readonly #options: RestorerOptions;

  constructor(options: RestorerOptions) {
    this.#options = options;
  }

  /** `text`: the offset that the client presents. undefined: it is a new client. */
  async restore(pid: string, text: string): Promise<Session | undefined> {
    const { nsp, store, returning } = this.#options;
    const offset = decodeOffset(text);
    if (offset === undefined || offset.position === '') return undefined;
    const record = await store.take(pid);
    if (record === undefined) return undefined;
    const { sid, data } = record;
    await end(nsp.sockets.get(sid));
    const joinedAt = new Map(record.rooms.flatMap(([room, at]) => (at === null ? [] : [[room, at] as const])));
    const from: Return = { cursor: offset.cursor, joinedAt };
    const rooms = record.rooms.map(([room]) => room);
    // From now on what is published waits for it: the history is read afterwards, and nothing falls between the two.
    returning.expect(sid, from);
    const missed = await this.#missed(offset.position, { sid, rooms, cursor: offset.cursor });
    if (missed !== undefined && (await this.#channelsGoOn(rooms, from))) {
      return { sid, pid, rooms, data, missedPackets: missed };
    }
    returning.forget(sid);
    return undefined;
  }

  /** What the client lacks of the log; undefined: it is not complete. */
  async #missed(
    after: string,
    { sid, rooms, cursor }: { readonly sid: string; readonly rooms: readonly string[]; readonly cursor: string },
  ): Promise<unknown[][] | undefined> {
    const { live, log: channel, returning, self } = this.#options;
    const missed: unknown[][] = [];
    for (let position = after; ; ) {
      const page = await live.api.history({ channel, after: position, limit: HISTORY_PAGE });
      if (page.kind === 'gap') return undefined;
      for (const event of page.events) {
        position = event.position;
        const message = unwrap(event.data, self);
        if (message === undefined || !isBroadcast(message)) continue;
        const packet = packetOf(message);
        const isMeant = concerns(rooms, message) && isRecoverable(packet, message.data.opts.flags);
        if (isMeant) missed.push([...packet.data, encodeOffset({ position, cursor })]);
      }
      returning.read(sid, position);
      if (!page.more) return missed;
    }
  }

  /** Can every room that is a channel go on without a gap? What it missed there the hub brings by itself. */
  async #channelsGoOn(rooms: readonly string[], from: Return): Promise<boolean> {
    const { live, channelOf } = this.#options;
    for (const room of rooms) {
      const channel = channelOf(room);
      const after = channel && resumeFrom(from.cursor, channel, from.joinedAt.get(room));
      if (channel === undefined || after === undefined) continue;
      const page = await live.api.history({ channel, after, limit: 1 });
      if (page.kind === 'gap') return false;
    }
    return true;
  }
}

/** Was a packet for a socket with these rooms? Its own id is one of them. */
export function includes(rooms: Iterable<string>, { rooms: to, except }: BroadcastOptions): boolean {
  const all = [...rooms];
  return (to.size === 0 || all.some((room) => to.has(room))) && !all.some((room) => except?.has(room));
}

function concerns(rooms: readonly string[], { data }: Broadcast): boolean {
  return includes(rooms, optionsOf(data.opts));
}

/** The server may not have noticed yet that the client is gone: two sockets of one id would be one too many. */
async function end(socket: Socket | undefined): Promise<void> {
  if (socket === undefined) return;
  await new Promise<void>((resolve) => {
    socket.once('disconnect', () => resolve());
    socket.conn.close(true);
  });
}
