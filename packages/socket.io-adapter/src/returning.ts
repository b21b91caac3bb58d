/** Clients that are on their way back: what is published while their history is read waits for them. */
import type { BroadcastOptions } from 'socket.io-adapter';
import type { Return } from './hub-sockets.ts';
import type { Packet } from './messages.ts';
import { isAfter } from './offset.ts';

export interface HeldPacket {
  readonly packet: Packet;
  readonly opts: BroadcastOptions;
  readonly position: string;
}

interface Arriving {
  readonly from: Return;
  /** The last position that was read. */
  readUpTo: string;
  readonly held: HeldPacket[];
  readonly since: number;
}

/** A client that has not connected by then never will. */
const GIVEN_UP_MS = 60_000;
const MAX_HELD = 10_000;

export class Returning {
  readonly #arriving = new Map<string, Arriving>();
  /** Up to where those that have arrived got the history: it may be ahead of what this server has heard. */
  readonly #ahead = new Map<string, string>();

  /** Before the history is read. */
  expect(sid: string, from: Return): void {
    const now = Date.now();
    for (const [old, { since }] of this.#arriving) if (now - since > GIVEN_UP_MS) this.#arriving.delete(old);
    this.#arriving.set(sid, { from, readUpTo: '', held: [], since: now });
  }

  read(sid: string, upTo: string): void {
    const arriving = this.#arriving.get(sid);
    if (arriving !== undefined) arriving.readUpTo = upTo;
  }

  /** Something was published. */
  hold(packet: HeldPacket): void {
    for (const { held } of this.#arriving.values()) if (held.length < MAX_HELD) held.push(packet);
  }

  /** It is here. undefined: it did not come back, but is new. */
  arrived(sid: string): Omit<Arriving, 'since'> | undefined {
    const arriving = this.#arriving.get(sid);
    this.#arriving.delete(sid);
    if (arriving !== undefined) this.#ahead.set(sid, arriving.readUpTo);
    return arriving;
  }

  /** Is what is heard now in the history that the socket got? */
  has(sid: string, position: string): boolean {
    const readUpTo = this.#ahead.get(sid);
    if (readUpTo === undefined) return false;
    if (position === readUpTo || isAfter(readUpTo, position)) return true;
    this.#ahead.delete(sid);
    return false;
  }

  /** Where a socket stands in the log, on a server that has heard up to a position. */
  standing(sid: string, heard: string): string {
    const readUpTo = this.#ahead.get(sid);
    return readUpTo !== undefined && isAfter(readUpTo, heard) ? readUpTo : heard;
  }

  forget(sid: string): void {
    this.#arriving.delete(sid);
    this.#ahead.delete(sid);
  }
}
