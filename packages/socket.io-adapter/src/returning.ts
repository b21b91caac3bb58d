/** Clients that are on their way back: what is published while their history is read, and while their rooms are asked for, waits for them. */
import type { BroadcastOptions } from 'socket.io-adapter';
import type { Return } from './hub-sockets.ts';
import type { Packet } from './messages.ts';
import { isAfter } from './offset.ts';
import type { SessionRecord } from './session-store.ts';

export interface HeldPacket {
  readonly packet: Packet;
  readonly opts: BroadcastOptions;
  readonly position: string;
}

/** Who says that it is back. */
export interface Claim {
  readonly record: SessionRecord;
  readonly from: Return;
  /** Where it stands in the log of the namespace. */
  readonly position: string;
}

export interface Arriving extends Claim {
  /** What the log has after its position, in order. */
  missed: readonly HeldPacket[];
  /** The last position that was read. */
  readUpTo: string;
  /** What was heard since. */
  readonly held: HeldPacket[];
  readonly since: number;
}

/** A client that has not arrived by then never will. */
const GIVEN_UP_MS = 60_000;
const MAX_HELD = 10_000;

export class Returning {
  /** By the id that a socket has for now. */
  readonly #arriving = new Map<string, Arriving>();
  /** Up to where those that have arrived got the history: it may be ahead of what this server has heard. */
  readonly #ahead = new Map<string, string>();

  /** Before the history is read. */
  expect(id: string, claim: Claim): void {
    const now = Date.now();
    for (const [old, { since }] of this.#arriving) if (now - since > GIVEN_UP_MS) this.#arriving.delete(old);
    this.#arriving.set(id, { ...claim, missed: [], readUpTo: claim.position, held: [], since: now });
  }

  /** Its history was read. */
  read(id: string, { missed, upTo }: { readonly missed: readonly HeldPacket[]; readonly upTo: string }): void {
    const arriving = this.#arriving.get(id);
    if (arriving !== undefined) Object.assign(arriving, { missed, readUpTo: upTo });
  }

  /** Something was published. More than fits is not kept: who waits for it is then a new client. */
  hold(packet: HeldPacket): void {
    for (const [id, { held }] of this.#arriving) {
      if (held.length < MAX_HELD) held.push(packet);
      else this.#arriving.delete(id);
    }
  }

  /** undefined: it does not come back, or waited too long. */
  coming(id: string): Arriving | undefined {
    return this.#arriving.get(id);
  }

  /** It is who it was, and has its id again. */
  renamed(id: string, sid: string): void {
    const arriving = this.#arriving.get(id);
    this.#arriving.delete(id);
    if (arriving !== undefined) this.#arriving.set(sid, arriving);
  }

  /** It is in its rooms. What it has to get, in order; undefined: that is not complete any more. */
  arrived(sid: string): readonly HeldPacket[] | undefined {
    const arriving = this.#arriving.get(sid);
    if (arriving === undefined) return undefined;
    this.#arriving.delete(sid);
    const { missed, readUpTo, held } = arriving;
    this.#ahead.set(sid, readUpTo);
    return [...missed, ...held.filter(({ position }) => isAfter(position, readUpTo))];
  }

  /** Is what is heard now in what the socket got, or will get, when it arrives? */
  has(sid: string, position: string): boolean {
    if (this.#arriving.has(sid)) return true;
    const readUpTo = this.#ahead.get(sid);
    if (readUpTo === undefined) return false;
    if (position === readUpTo || isAfter(readUpTo, position)) return true;
    this.#ahead.delete(sid);
    return false;
  }

  /** Where a socket stands in the log, on a server that has heard up to a position. */
  standing(sid: string, heard: string): string {
    const arriving = this.#arriving.get(sid);
    if (arriving !== undefined) return arriving.position;
    const readUpTo = this.#ahead.get(sid);
    return readUpTo !== undefined && isAfter(readUpTo, heard) ? readUpTo : heard;
  }

  forget(id: string): void {
    this.#arriving.delete(id);
    this.#ahead.delete(id);
  }
}
