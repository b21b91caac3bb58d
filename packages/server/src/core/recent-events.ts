/**
 * The tail of one log channel in memory, shared by all its subscribers: the buffer between history and live delivery,
 * and what makes a reconnect storm a matter of memory copies. Bounded by count and payload length.
 */
import type { FramedEvent } from './framed-event.ts';

export class RecentEvents {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  /** Contiguous; the first `#gone` places are trimmed and await compaction. */
  #events: FramedEvent[] = [];
  #gone = 0;
  #bytes = 0;
  #base: number;

  /** `head`: offset of the channel's newest event now; everything after it is held. */
  constructor(head: number, limits: { readonly maxEvents: number; readonly maxBytes: number }) {
    this.#base = head;
    this.#maxEvents = limits.maxEvents;
    this.#maxBytes = limits.maxBytes;
  }

  /** Offset of the newest event of the channel. */
  get newest(): number {
    return this.#base + this.#held;
  }

  /** Takes the next event. It must follow the last one. */
  push(event: FramedEvent): void {
    this.#events.push(event);
    this.#bytes += event.event.dataJson.length;
    while (this.#held > this.#maxEvents || (this.#bytes > this.#maxBytes && this.#held > 1)) this.#trimOldest();
    // Amortised: copies no more than it frees, and holds at most about twice what it may.
    if (this.#gone > this.#held + 16) {
      this.#events = this.#events.slice(this.#gone);
      this.#gone = 0;
    }
  }

  /** Every event after the offset, or undefined when some of them are no longer held. */
  after(offset: number): readonly FramedEvent[] | undefined {
    if (!this.holdsAfter(offset)) return undefined;
    return this.#events.slice(this.#gone + offset - this.#base);
  }

  holdsAfter(offset: number): boolean {
    return offset >= this.#base;
  }

  get #held(): number {
    return this.#events.length - this.#gone;
  }

  #trimOldest(): void {
    const oldest = this.#events[this.#gone];
    if (oldest === undefined) return;
    this.#bytes -= oldest.event.dataJson.length;
    this.#base = oldest.event.offset;
    this.#gone += 1;
  }
}
