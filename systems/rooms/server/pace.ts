/** How fast one client may send: what is too fast is refused, and who keeps it up is sent away. */
import { RateLimiter } from 'fanfare/http';

export interface Rate {
  /** Messages a second in the long run. */
  readonly perSecond: number;
  /** Messages at once. */
  readonly burst: number;
}

export class Pace {
  readonly #messages: RateLimiter;
  readonly #refusals: RateLimiter;

  /** `monotonic`: milliseconds. */
  constructor({ perSecond, burst }: Rate, monotonic: () => number) {
    this.#messages = new RateLimiter({ perSecond, burst, now: monotonic });
    // Refusals that a client is worth: as many as a burst, regained slowly.
    this.#refusals = new RateLimiter({ perSecond: perSecond / 10, burst, now: monotonic });
  }

  take(clientId: string): 'allowed' | 'refused' | 'exhausted' {
    if (this.#messages.take(clientId).allowed) return 'allowed';
    return this.#refusals.take(clientId).allowed ? 'refused' : 'exhausted';
  }
}
