/** The outboxes of the peers that are behind: one timer looks at them once a second, and there is none while nobody is behind. */
import type { Cancel, Clock } from './ports/clock.ts';

export interface Sweepable {
  /** Called once a second while the peer is behind. */
  sweep(now: number): void;
}

const SWEEP_MS = 1000;

export class Behind {
  readonly #clock: Clock;
  readonly #outboxes = new Set<Sweepable>();
  #cancel: Cancel | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(outbox: Sweepable): void {
    this.#outboxes.add(outbox);
    this.#schedule();
  }

  delete(outbox: Sweepable): void {
    this.#outboxes.delete(outbox);
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #schedule(): void {
    if (this.#cancel !== undefined || this.#closed) return;
    this.#cancel = this.#clock.after(SWEEP_MS, () => this.#sweep());
  }

  #sweep(): void {
    this.#cancel = undefined;
    const now = this.#clock.now();
    for (const outbox of this.#outboxes) outbox.sweep(now);
    if (this.#outboxes.size > 0) this.#schedule();
  }
}
