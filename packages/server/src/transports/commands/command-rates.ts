/** How fast one connection may send commands [PROTOCOL §14], whatever way they come. */
import { type HttpError, tooMany } from '../../http/errors.ts';
import { RateLimiter } from '../../http/rate-limiter.ts';

export type CommandRate =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly error: HttpError }
  /** Refused so often that the connection has to end. */
  | { readonly kind: 'exhausted' };

const PER_SECOND = 50;
const BURST = 300;
/** Refusals that a connection is worth: as many as a burst, regained slowly. */
const PATIENCE = { burst: BURST, perSecond: PER_SECOND / 10 };

const ALLOWED: CommandRate = { kind: 'allowed' };

export class CommandRates {
  readonly #commands: RateLimiter;
  readonly #refusals: RateLimiter;

  /** `now`: monotonic milliseconds. */
  constructor(now: () => number) {
    this.#commands = new RateLimiter({ burst: BURST, perSecond: PER_SECOND, now });
    this.#refusals = new RateLimiter({ ...PATIENCE, now });
  }

  /** Counts one command of a connection. */
  take(connection: string): CommandRate {
    const verdict = this.#commands.take(connection);
    if (verdict.allowed) return ALLOWED;
    if (!this.#refusals.take(connection).allowed) return { kind: 'exhausted' };
    return { kind: 'refused', error: tooMany(verdict.retryAfterMs) };
  }
}
