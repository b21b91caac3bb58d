/**
 * What a reconnect storm asks for again and again: the events of one log channel after a position, read, framed and joined
 * once for everybody who comes from there. Kept for as long as a storm lasts, and never more than a few: history does not
 * change, so what is here stays true until the epoch does.
 */
import { encodePosition, type GapCause, type Position } from '@fanfare/protocol';
import type { EventBatch } from './event-batch.ts';
import type { FramedEvent } from './framed-event.ts';
import type { Cancel, Clock } from './ports/clock.ts';

/** What the broker has after a position. `batch`: all of `events`, where their bytes may be shared. */
export type HistoryPage =
  | { readonly kind: 'events'; readonly events: readonly FramedEvent[]; readonly batch: EventBatch | undefined }
  | { readonly kind: 'gap'; readonly cause: GapCause };

/** Distinct starting points of one storm that are worth a shared buffer each. */
const MAX_KEPT = 8;
const KEPT_MS = 1000;

export class Replays {
  readonly #clock: Clock;
  readonly #tails = new Map<string, EventBatch>();
  readonly #pages = new Map<string, Promise<HistoryPage>>();
  #cancel: Cancel | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is held in memory after a position. `make`: as it is now; undefined: nothing, or not all. */
  tail(after: Position, make: () => EventBatch | undefined): EventBatch | undefined {
    const key = encodePosition(after);
    const known = this.#tails.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (made !== undefined && this.#tails.size < MAX_KEPT) {
      this.#tails.set(key, made);
      this.#forgetLater();
    }
    return made;
  }

  /** A page of the broker. Only one whose bytes may be shared is kept; others are shared while they are read. */
  page(after: Position, read: () => Promise<HistoryPage>): Promise<HistoryPage> {
    const key = encodePosition(after);
    const known = this.#pages.get(key);
    if (known !== undefined) return known;
    const reading = read();
    if (this.#pages.size >= MAX_KEPT) return reading;
    this.#pages.set(key, reading);
    const drop = (): void => {
      if (this.#pages.get(key) === reading) this.#pages.delete(key);
    };
    reading.then((page) => {
      if (page.kind === 'events' && page.batch !== undefined) this.#forgetLater();
      else drop();
    }, drop);
    return reading;
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#tails.clear();
    this.#pages.clear();
  }

  #forgetLater(): void {
    this.#cancel ??= this.#clock.after(KEPT_MS, () => this.clear());
  }
}
