/** How often each bound was met: the counters behind the metrics, and a hub event for whoever logs. */
import type { HubEventStream, LimitFacts } from './hub-events.ts';

/** Names become labels of metrics, and there is a bounded number of them. */
const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
const MAX_NAMES = 200;

export class LimitHits {
  readonly #events: HubEventStream;
  readonly #counts = new Map<string, number>();

  constructor(events: HubEventStream) {
    this.#events = events;
  }

  /** Begins to count under a name, from 0. Throws a TypeError for a name that is none, and beyond 200 of them. */
  declare(limit: string): void {
    if (this.#counts.has(limit)) return;
    if (!NAME.test(limit))
      throw new TypeError(`limit: expected 1 to 64 letters and digits, got ${JSON.stringify(limit)}.`);
    if (this.#counts.size >= MAX_NAMES) throw new TypeError(`limit: expected at most ${MAX_NAMES} names.`);
    this.#counts.set(limit, 0);
  }

  hit(limit: string, about: LimitFacts = {}): void {
    this.declare(limit);
    this.#counts.set(limit, (this.#counts.get(limit) ?? 0) + 1);
    this.#events.emit({ kind: 'limit-reached', limit, ...about });
  }

  /** Since the start, by name. */
  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
