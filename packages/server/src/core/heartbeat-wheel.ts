/**
 * One timer for the deadlines of all connections: heartbeats and maximum age. A wheel of one-second slots; a connection
 * sits in one slot by index, so adding, moving and removing cost the same however many there are.
 */
import type { Cancel, Clock } from './ports/clock.ts';

export interface WheelEntry {
  /** Kept by the wheel. */
  wheelSlot: number;
  wheelIndex: number;
  /** Called when due; returns milliseconds until it wants to be called again (at most MAX_DELAY_MS), 0 to leave the wheel. */
  due(now: number): number;
}

/** How late an entry may be called. */
export const SLOT_MS: number = 1000;
const SLOTS = 128;
/** Entries served in one turn of the loop: after a storm one slot may hold ten thousand. */
const SLICE = 500;
/** Longest delay the wheel can hold. */
export const MAX_DELAY_MS: number = (SLOTS - 1) * SLOT_MS;

export class HeartbeatWheel {
  readonly #clock: Clock;
  readonly #onTick: (now: number) => void;
  readonly #slots: WheelEntry[][] = Array.from({ length: SLOTS }, () => []);
  /** Taken off the wheel, to be served in slices. */
  #due: WheelEntry[] = [];
  #at = 0;
  #nextTickAt = 0;
  #size = 0;
  #cancel: Cancel | undefined;
  #closed = false;

  /** `onTick` runs once a second while anything is on the wheel. */
  constructor(clock: Clock, onTick: (now: number) => void) {
    this.#clock = clock;
    this.#onTick = onTick;
  }

  /** Puts an entry on the wheel; it is due in `delayMs`, to the next full second. */
  add(entry: WheelEntry, delayMs: number): void {
    const steps = Math.min(SLOTS - 1, Math.max(1, Math.ceil(delayMs / SLOT_MS)));
    const at = (this.#at + steps) % SLOTS;
    const slot = this.#slots[at];
    if (slot === undefined) return;
    entry.wheelSlot = at;
    entry.wheelIndex = slot.length;
    slot.push(entry);
    this.#size += 1;
    if (this.#cancel !== undefined || this.#closed) return;
    this.#nextTickAt = this.#clock.now() + SLOT_MS;
    this.#schedule(SLOT_MS);
  }

  remove(entry: WheelEntry): void {
    const slot = this.#slots[entry.wheelSlot];
    if (slot === undefined || slot[entry.wheelIndex] !== entry) return;
    const last = slot.pop();
    if (last !== undefined && last !== entry) {
      slot[entry.wheelIndex] = last;
      last.wheelIndex = entry.wheelIndex;
    }
    entry.wheelSlot = -1;
    this.#size -= 1;
  }

  /** The same entry, due in `delayMs` from now. One that is off the wheel, as while it is served, stays there. */
  move(entry: WheelEntry, delayMs: number): void {
    if (this.#slots[entry.wheelSlot]?.[entry.wheelIndex] !== entry) return;
    this.remove(entry);
    this.add(entry, delayMs);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#due = [];
  }

  #schedule(delayMs: number): void {
    this.#cancel = this.#clock.after(delayMs, () => this.#tick());
  }

  #tick(): void {
    const now = this.#clock.now();
    const isIdle = this.#due.length === 0;
    // Several steps when the loop was late, or the process stopped: clients count their seconds all the while.
    for (; this.#nextTickAt <= now; this.#nextTickAt += SLOT_MS) this.#step();
    if (isIdle) this.#serve();
    this.#onTick(now);
    this.#cancel = undefined;
    if (this.#size + this.#due.length > 0 && !this.#closed) this.#schedule(Math.max(1, this.#nextTickAt - now));
  }

  #step(): void {
    this.#at = (this.#at + 1) % SLOTS;
    const slot = this.#slots[this.#at] ?? [];
    if (slot.length === 0) return;
    this.#slots[this.#at] = [];
    this.#size -= slot.length;
    this.#due = this.#due.concat(slot);
  }

  /** One slice now, the rest in the turns that follow. */
  #serve(): void {
    const now = this.#clock.now();
    for (const entry of this.#due.splice(0, SLICE)) {
      entry.wheelSlot = -1;
      const next = entry.due(now);
      if (next > 0) this.add(entry, next);
    }
    if (this.#due.length > 0) this.#clock.afterTurn(() => this.#serve());
  }
}
