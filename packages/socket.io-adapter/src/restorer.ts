/** Finds what a client that comes back needs [Socket.IO: connection state recovery]: everything it missed, or nothing at all. */
import type { AnyFanfare } from 'fanfare';
import type { Namespace, Socket } from 'socket.io';
import type { BroadcastOptions } from 'socket.io-adapter';
import type { Return } from './hub-sockets.ts';
import { isBroadcast, isRecoverable, optionsOf, packetOf, unwrap } from './messages.ts';
import { decodeOffset, resumeFrom } from './offset.ts';
import type { HeldPacket, Returning } from './returning.ts';
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

interface History {
  readonly missed: readonly HeldPacket[];
  readonly upTo: string;
}

const HISTORY_PAGE = 1000;

export class Restorer {
  readonly #options: RestorerOptions;

  constructor(options: RestorerOptions) {
    this.#options = options;
  }

  /** Everything that a client would need is then expected under `id`. false: it is a new client. */
  async restore(id: string, presented: { readonly pid: string; readonly offset: string }): Promise<boolean> {
    const { nsp, store, returning } = this.#options;
    const offset = decodeOffset(presented.offset);
    if (offset === undefined || offset.position === '') return false;
    const record = await store.find(presented.pid);
    if (record === undefined) return false;
    await end(nsp.sockets.get(record.sid));
    const joinedAt = new Map(record.rooms.flatMap(([room, at]) => (at === null ? [] : [[room, at] as const])));
    const from: Return = { cursor: offset.cursor, joinedAt };
    const rooms = record.rooms.map(([room]) => room);
    // From now on what is published waits for it: the history is read afterwards, and nothing falls between the two.
    returning.expect(id, { record, from, position: offset.position });
    const history = await this.#missed(offset.position, rooms);
    if (history === undefined || !(await this.#channelsGoOn(rooms, from))) {
      returning.forget(id);
      return false;
    }
    returning.read(id, history);
    return true;
  }

  /** What the log has for these rooms; undefined: it is not complete. */
  async #missed(after: string, rooms: readonly string[]): Promise<History | undefined> {
    const { live, log: channel, self } = this.#options;
    const missed: HeldPacket[] = [];
    for (let position = after; ; ) {
      const page = await live.api.history({ channel, after: position, limit: HISTORY_PAGE });
      if (page.kind === 'gap') return undefined;
      for (const event of page.events) {
        position = event.position;
        const message = unwrap(event.data, self);
        if (message === undefined || !isBroadcast(message)) continue;
        const [packet, opts] = [packetOf(message), optionsOf(message.data.opts)];
        if (isRecoverable(packet, opts.flags) && includes(rooms, opts)) missed.push({ packet, opts, position });
      }
      if (!page.more) return { missed, upTo: position };
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

/** The server may not have noticed yet that the client is gone: two sockets of one id would be one too many. */
async function end(socket: Socket | undefined): Promise<void> {
  if (socket === undefined) return;
  await new Promise<void>((resolve) => {
    socket.once('disconnect', () => resolve());
    socket.conn.close(true);
  });
}
