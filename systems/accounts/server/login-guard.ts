/** How often one may guess: every attempt counts, before any work is done for it. */
import { networkOf, RateLimiter, type RateVerdict } from 'fanfare/http';

export interface LoginAttempt {
  readonly address: string;
  readonly username: string;
}

/** So many at once, and so many per second in the long run. */
export interface AttemptLimit {
  readonly burst: number;
  readonly perSecond: number;
}

export interface LoginLimits {
  /** Of one user from one address. @default 20, one every 6 s */
  readonly perUserAndAddress: AttemptLimit;
  /** @default 60, one a second */
  readonly perAddress: AttemptLimit;
  /** @default 300, one a second */
  readonly perUser: AttemptLimit;
}

export const DEFAULT_LOGIN_LIMITS: LoginLimits = {
  perUserAndAddress: { burst: 20, perSecond: 1 / 6 },
  perAddress: { burst: 60, perSecond: 1 },
  perUser: { burst: 300, perSecond: 1 },
};

/**
 * Three buckets. The narrow one slows whoever guesses one password; the address's, whoever tries many names; the user's, a
 * botnet. The last is wide on purpose: with a narrow one any stranger could lock an umpire out in the middle of a match.
 */
export class LoginGuard {
  readonly #byBoth: RateLimiter;
  readonly #byAddress: RateLimiter;
  readonly #byUser: RateLimiter;

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number, limits: LoginLimits = DEFAULT_LOGIN_LIMITS) {
    this.#byBoth = new RateLimiter({ ...limits.perUserAndAddress, now });
    this.#byAddress = new RateLimiter({ ...limits.perAddress, now });
    this.#byUser = new RateLimiter({ ...limits.perUser, now });
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
