/** One channel of the memory engine: its head, and what its retention keeps. */
import type { AppendRequest, ReadOutcome, ReadRequest, Retention, StoredEvent } from '../core/ports/broker.ts';
import { EventRing } from './event-ring.ts';
import { gapBefore } from './history.ts';

type Window = Extract<Retention, { readonly kind: 'window' }>;

/** Appending trims: a window never holds more than its bounds ask, seen from the newest append. */
export class MemoryChannel {
  readonly #name: string;
  readonly #epoch: string;
  readonly #ring = new EventRing();
  /** Newest per key. Set anew on every append, so its order is the order of offsets. Made by the first: a log has none. */
  #newest: Map<string, StoredEvent> | undefined;
  #head = 0;
  #ageMs: number | undefined;

  constructor(name: string, epoch: string) {
    this.#name = name;
    this.#epoch = epoch;
  }

  get head(): number {
    return this.#head;
  }

  append(request: AppendRequest, time: number): StoredEvent {
    const { event, dataJson, key, retention } = request;
    this.#head += 1;
    const stored = { channel: this.#name, event, dataJson, key, epoch: this.#epoch, offset: this.#head, time };
    if (retention.kind === 'newest') {
      this.#newest ??= new Map();
      this.#newest.delete(key);
      this.#newest.set(key, stored);
    } else {
      this.#ring.push(stored);
      this.#ageMs = retention.ageMs;
      this.#ring.dropBefore(this.#oldestKept(retention, time));
    }
    return stored;
  }

  read(request: ReadRequest, now: number): ReadOutcome {
    const head = { epoch: this.#epoch, offset: this.#head };
    const cause = request.after === undefined ? undefined : gapBefore(request.after, head);
    if (cause !== undefined) return { kind: 'gap', cause, head };
    if (request.retention.kind === 'newest') {
      const after = request.after?.offset ?? 0;
      const changed = [...(this.#newest?.values() ?? [])].filter((event) => event.offset > after);
      return page(changed, request.limit, head);
    }
    const oldest = this.#oldestKept(request.retention, now);
    const from = request.after === undefined ? oldest : request.after.offset + 1;
    if (from < oldest) return { kind: 'gap', cause: 'trimmed', head };
    return page(this.#range(from, request.limit), request.limit, head);
  }

  /** Lets go of events that became too old while nothing was appended. */
  expire(now: number): void {
    if (this.#ageMs !== undefined) this.#ring.dropBefore(this.#oldestKept({ kind: 'window', ageMs: this.#ageMs }, now));
  }

  /** Offset of the oldest event within the window; after the head when none is. */
  #oldestKept(window: Window, now: number): number {
    const byCount = window.count === undefined ? 1 : this.#head - window.count + 1;
    let oldest = this.#ring.at(this.#head) === undefined ? this.#head + 1 : Math.max(byCount, this.#ring.firstOffset);
    if (window.ageMs === undefined) return oldest;
    const cutoff = now - window.ageMs;
    for (let event = this.#ring.at(oldest); event !== undefined && event.time < cutoff; event = this.#ring.at(oldest)) {
      oldest += 1;
    }
    return oldest;
  }

  /** One more than `limit`, so that the reader learns whether more follow. */
  #range(from: number, limit: number): StoredEvent[] {
    const events: StoredEvent[] = [];
    for (
      let event = this.#ring.at(from);
      event !== undefined && events.length <= limit;
      event = this.#ring.at(from + events.length)
    ) {
      events.push(event);
    }
    return events;
  }
}

function page(events: StoredEvent[], limit: number, head: ReadOutcome['head']): ReadOutcome {
  const size = Math.max(0, limit);
  return { kind: 'events', events: events.slice(0, size), head, more: events.length > size };
}
