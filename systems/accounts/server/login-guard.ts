/** How often one may guess: every attempt counts, before any work is done for it. */
import { networkOf, RateLimiter, type RateVerdict } from 'fanfare/http';

export interface LoginAttempt {
  readonly address: string;
  readonly username: string;
}

/**
 * Three buckets. The narrow one slows whoever guesses one password; the address's, whoever tries many names; the user's, a
 * botnet. The last is wide on purpose: with a narrow one any stranger could lock an umpire out in the middle of a match.
 */
export class LoginGuard {
  readonly #byBoth: RateLimiter;
  readonly #byAddress: RateLimiter;
  readonly #byUser: RateLimiter;

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number) {
    this.#byBoth = new RateLimiter({ burst: 20, perSecond: 1 / 6, now });
    this.#byAddress = new RateLimiter({ burst: 60, perSecond: 1, now });
    this.#byUser = new RateLimiter({ burst: 300, perSecond: 1, now });
  }

  take({ address, username }: LoginAttempt): RateVerdict {
    const network = networkOf(address);
    const user = username.toLowerCase();
    for (const verdict of [this.#byAddress.take(network), this.#byBoth.take(`${network} ${user}`)]) {
      if (!verdict.allowed) return verdict;
    }
    return this.#byUser.take(user);
  }
}
