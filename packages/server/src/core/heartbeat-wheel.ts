/**
 * One timer for the deadlines of all connections: heartbeats and maximum age. A wheel of one-second slots; a connection
 * sits in one slot by index, so adding, moving and removing cost the same however many there are. It turns when somebody is
 * due, and hearts beat together: on a machine at rest it is waking up that costs, a hundred times as much as one heartbeat.
 */
import type { Cancel, Clock } from './ports/clock.ts';

export interface WheelEntry {
  /** Kept by the wheel. */
  wheelSlot: number;
  wheelIndex: number;
  /** Called when due; returns milliseconds until it wants to be called again, 0 to leave the wheel. Over 127 s it is called earlier. */
  due(now: number): number;
}

/** How late an entry may be called. */
export const SLOT_MS: number = 1000;
const SLOTS = 128;
/** Entries served in one turn of the loop: after a storm one slot may hold ten thousand. */
const SLICE = 500;
/** So many hearts at least should beat together, if that takes no more than a quarter of their interval. */
const HEARTS_PER_PULSE = 250;
const MIN_PULSES = 4;

export class HeartbeatWheel {
  readonly #clock: Clock;
  readonly #slots: WheelEntry[][] = Array.from({ length: SLOTS }, () => []);
  /** Taken off the wheel, to be served in slices. */
  #due: WheelEntry[] = [];
  #at = 0;
  #nextTickAt = 0;
  #size = 0;
  #cancel: Cancel | undefined;
  /** When the timer is set for. */
  #wakeAt = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The latest moment not after `at` in which hearts that beat every `everyMs` beat together: few moments while there are few of them,
   * one a second for a large crowd. At most a quarter of the interval before `at`.
   */
  pulseBefore(at: number, everyMs: number): number {
    const most = Math.floor(everyMs / SLOT_MS);
    if (most < MIN_PULSES) return at;
    // A product, since a quotient of whole numbers that is whole for a while is compiled as one, and thrown away in the midst of a storm.
    const pulseMs = everyMs * (1 / Math.min(most, Math.max(MIN_PULSES, Math.ceil(this.#size / HEARTS_PER_PULSE))));
    return Math.floor(at / pulseMs) * pulseMs;
  }

  /** Puts an entry on the wheel; it is due in `delayMs`, to the next full second. */
  add(entry: WheelEntry, delayMs: number): void {
    this.#catchUp();
    const steps = Math.min(SLOTS - 1, Math.max(1, Math.ceil(delayMs / SLOT_MS)));
    const at = (this.#at + steps) % SLOTS;
    const slot = this.#slots[at];
    if (slot === undefined) return;
    entry.wheelSlot = at;
    entry.wheelIndex = slot.length;
    slot.push(entry);
    this.#size += 1;
    this.#wake(this.#nextTickAt + (steps - 1) * SLOT_MS);
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
    if (this.#size === 0) this.#sleep();
  }

  /** The same entry, due in `delayMs` from now. One that is off the wheel, as while it is served, stays there. */
  move(entry: WheelEntry, delayMs: number): void {
    if (this.#slots[entry.wheelSlot]?.[entry.wheelIndex] !== entry) return;
    this.remove(entry);
    this.add(entry, delayMs);
  }

  close(): void {
    this.#closed = true;
    this.#sleep();
    this.#due = [];
  }

  #sleep(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  /** Passes the seconds in which nobody was due, which the timer slept through. */
  #catchUp(): void {
    const now = this.#clock.now();
    if (this.#size === 0) this.#nextTickAt = now + SLOT_MS;
    else while (this.#nextTickAt <= now && this.#slotAfter(1).length === 0) this.#step();
  }

  #slotAfter(steps: number): WheelEntry[] {
    return this.#slots[(this.#at + steps) % SLOTS] ?? [];
  }

  /** Somebody is due at that moment. */
  #wake(at: number): void {
    if (this.#closed || at >= this.#wakeAt) return;
    this.#cancel?.();
    this.#wakeAt = at;
    this.#cancel = this.#clock.after(Math.max(1, at - this.#clock.now()), () => this.#tick());
  }

  #tick(): void {
    const now = this.#clock.now();
    const isIdle = this.#due.length === 0;
    // Several steps when the loop was late, or the process stopped: clients count their seconds all the while.
    while (this.#nextTickAt <= now) this.#step();
    if (isIdle) this.#serve();
    this.#sleep();
    this.#rest();
  }

  /** Sleeps until the next second in which somebody is due. */
  #rest(): void {
    if (this.#size === 0) return;
    let steps = 1;
    while (steps < SLOTS && this.#slotAfter(steps).length === 0) steps += 1;
    this.#wake(this.#nextTickAt + (steps - 1) * SLOT_MS);
  }

  #step(): void {
    this.#nextTickAt += SLOT_MS;
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
