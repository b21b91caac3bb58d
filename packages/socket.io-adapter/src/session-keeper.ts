/** Keeps the session of every socket up to date: written once a turn when something changes, and again while the socket lives. */
import type { Namespace } from 'socket.io';
import type { HubSockets } from './hub-sockets.ts';
import { REFRESH_MS, type SessionRecord, type SessionStore } from './session-store.ts';

export interface SessionKeeperOptions {
  readonly nsp: Namespace;
  readonly store: SessionStore;
  readonly hub: HubSockets;
  readonly roomsOf: (id: string) => Iterable<string>;
}

export class SessionKeeper {
  readonly #options: SessionKeeperOptions;
  /** Sockets whose record is to be written at the end of this turn. */
  readonly #changed = new Set<string>();
  /** The session of each socket that has a record and lives. */
  readonly #kept = new Map<string, string>();
  readonly #refresh: NodeJS.Timeout;

  constructor(options: SessionKeeperOptions) {
    this.#options = options;
    this.#refresh = setInterval(() => this.#keepAll(), REFRESH_MS).unref();
  }

  /** It connected, joined or left. */
  changed(id: string): void {
    if (this.#changed.size === 0) setImmediate(() => this.#keepChanged());
    this.#changed.add(id);
  }

  /** It ended, and its client may come back. */
  ended(session: Pick<SessionRecord, 'sid' | 'pid' | 'data'>, rooms: Iterable<string>): void {
    this.#kept.delete(session.sid);
    void this.#options.store.ended(this.#record(session, rooms));
  }

  /** It is gone; for good, where nobody said otherwise before. */
  left(id: string): void {
    const pid = this.#kept.get(id);
    this.#kept.delete(id);
    this.#changed.delete(id);
    if (pid !== undefined) void this.#options.store.forget(pid);
  }

  close(): void {
    clearInterval(this.#refresh);
  }

  #keepChanged(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const id of changed) this.#keep(id);
  }

  #keepAll(): void {
    for (const id of this.#kept.keys()) this.#keep(id);
  }

  #keep(id: string): void {
    const { nsp, store, roomsOf } = this.#options;
    const socket = nsp.sockets.get(id);
    const pid: unknown = socket && Reflect.get(socket, 'pid');
    if (socket === undefined || typeof pid !== 'string' || !socket.connected) return;
    this.#kept.set(id, pid);
    void store.keep(this.#record({ sid: id, pid, data: socket.data }, roomsOf(id)));
  }

  #record({ sid, pid, data }: Pick<SessionRecord, 'sid' | 'pid' | 'data'>, rooms: Iterable<string>): SessionRecord {
    const placed = Array.from(rooms, (room) => [room, this.#options.hub.joinedAt(sid, room)] as const);
    return { sid, pid, data, rooms: placed, credential: this.#options.hub.credentialOf(sid) };
  }
}
