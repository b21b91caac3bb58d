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

const SLOT_MS = 1000;
const SLOTS = 128;
/** Longest delay the wheel can hold. */
export const MAX_DELAY_MS: number = (SLOTS - 1) * SLOT_MS;

export class HeartbeatWheel {
  readonly #clock: Clock;
  readonly #onTick: (now: number) => void;
  readonly #slots: WheelEntry[][] = Array.from({ length: SLOTS }, () => []);
  #at = 0;
  #size = 0;
  #cancel: Cancel | undefined;

  /** `onTick` runs once a second after the slot was served, while anything is on the wheel. */
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
    this.#cancel ??= this.#clock.after(SLOT_MS, () => this.#tick());
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

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tick(): void {
    this.#at = (this.#at + 1) % SLOTS;
    const due = this.#slots[this.#at] ?? [];
    this.#slots[this.#at] = [];
    this.#size -= due.length;
    const now = this.#clock.now();
    for (const entry of due) {
      entry.wheelSlot = -1;
      const next = entry.due(now);
      if (next > 0) this.add(entry, next);
    }
    this.#onTick(now);
    this.#cancel = this.#size > 0 ? this.#clock.after(SLOT_MS, () => this.#tick()) : undefined;
  }
}
