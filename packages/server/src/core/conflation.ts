/**
 * Trailing-edge throttle of one state channel: at least `minIntervalMs` between broadcasts, the newest value per key
 * always goes out last. A throttle that drops instead would lose the final score.
 */
import type { FramedEvent } from './framed-event.ts';
import type { Cancel, Clock } from './ports/clock.ts';

export class Conflation {
  readonly #clock: Clock;
  readonly #minIntervalMs: number;
  readonly #onDue: () => void;
  /** Newest per key, in offset order. */
  readonly #pending = new Map<string, FramedEvent>();
  #lastAt = Number.NEGATIVE_INFINITY;
  #due = false;
  #cancel: Cancel | undefined;

  /** `onDue`: something should go out at the end of this turn; answered by `take()`. */
  constructor(options: { readonly clock: Clock; readonly minIntervalMs: number; readonly onDue: () => void }) {
    this.#clock = options.clock;
    this.#minIntervalMs = options.minIntervalMs;
    this.#onDue = options.onDue;
  }

  /** Returns true when an older value of the same key gave way. */
  offer(event: FramedEvent): boolean {
    const conflated = this.#pending.delete(event.event.key);
    this.#pending.set(event.event.key, event);
    if (!this.#due && this.#cancel === undefined) this.#schedule();
    return conflated;
  }

  /** What goes out now, in offset order. */
  take(): readonly FramedEvent[] {
    const events = [...this.#pending.values()];
    this.#pending.clear();
    this.#due = false;
    if (events.length > 0) this.#lastAt = this.#clock.now();
    return events;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#pending.clear();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.clear();
  }

  #schedule(): void {
    const wait = this.#lastAt + this.#minIntervalMs - this.#clock.now();
    if (wait <= 0) this.#becomeDue();
    else this.#cancel = this.#clock.after(wait, () => this.#becomeDue());
  }

  #becomeDue(): void {
    this.#cancel = undefined;
    this.#due = true;
    this.#onDue();
  }
}
