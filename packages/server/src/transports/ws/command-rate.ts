/** How many commands one connection may send: a burst at once, then so many a second. No timer: time is looked at when one comes. */

export interface CommandRateOptions {
  /** @default 50 */
  readonly perSecond?: number;
  /** Enough for a page that subscribes to all it may, and publishes what waited. @default 300 */
  readonly burst?: number;
}

/** `over`: this one is refused. `abuse`: it goes on as if nothing had been said. */
export type RateOutcome = 'within' | 'over' | 'abuse';

export class CommandRate {
  readonly #perMs: number;
  readonly #burst: number;
  #left: number;
  #refused = 0;
  #at: number;

  constructor(now: number, { perSecond = 50, burst = 300 }: CommandRateOptions = {}) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#left = burst;
    this.#at = now;
  }

  take(now: number): RateOutcome {
    this.#left = Math.min(this.#burst, this.#left + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#left >= 1) {
      this.#left -= 1;
      this.#refused = 0;
      return 'within';
    }
    this.#refused += 1;
    return this.#refused > this.#burst ? 'abuse' : 'over';
  }
}
