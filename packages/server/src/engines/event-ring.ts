/** The kept events of one `log` channel in memory: contiguous offsets, dropped from the old end. */
import type { StoredEvent } from '../core/ports/broker.ts';

const FIRST_CAPACITY = 4;
/** Of every ring that holds nothing: most channels of a state never do. */
const NO_SLOTS: (StoredEvent | undefined)[] = [];

/** A ring that grows by doubling. Offsets of what it holds are contiguous, so an offset is an index. */
export class EventRing {
  #slots = NO_SLOTS;
  /** Offset of the oldest event held; `#next` when empty. */
  #first = 1;
  #next = 1;

  get firstOffset(): number {
    return this.#first;
  }

  /** Begins again empty when `event` does not continue what is held. */
  push(event: StoredEvent): void {
    if (event.offset !== this.#next) this.#restart(event.offset);
    if (this.#next - this.#first === this.#slots.length) this.#grow();
    this.#slots[event.offset & (this.#slots.length - 1)] = event;
    this.#next = event.offset + 1;
  }

  at(offset: number): StoredEvent | undefined {
    return offset >= this.#first && offset < this.#next ? this.#slots[offset & (this.#slots.length - 1)] : undefined;
  }

  /** Drops everything before `offset`. */
  dropBefore(offset: number): void {
    for (const end = Math.min(offset, this.#next); this.#first < end; this.#first += 1) {
      this.#slots[this.#first & (this.#slots.length - 1)] = undefined;
    }
  }

  #restart(offset: number): void {
    this.#slots = NO_SLOTS;
    this.#first = offset;
    this.#next = offset;
  }

  /** The capacity stays a power of two, so that an offset maps to its slot by a mask. */
  #grow(): void {
    const slots: (StoredEvent | undefined)[] = new Array(this.#slots.length * 2 || FIRST_CAPACITY).fill(undefined);
    for (let offset = this.#first; offset < this.#next; offset += 1) {
      slots[offset & (slots.length - 1)] = this.#slots[offset & (this.#slots.length - 1)];
    }
    this.#slots = slots;
  }
}
