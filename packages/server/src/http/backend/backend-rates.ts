/** How fast the backend API takes events: of a key by a limit of its own, of a user by that of the user's wires. */
import type { IncomingMessage } from 'node:http';
import { presentedKey } from '../api-key.ts';
import { tooMany } from '../errors.ts';
import { RateLimiter } from '../rate-limiter.ts';
import type { BackendCaller } from './backend-caller.ts';

export interface BackendRatesOptions {
  /** 0: no limit. */
  readonly perSecondPerKey: number;
  /** Counts events of a user, over whatever wire. Throws RATE_LIMITED. @default nothing is counted */
  readonly takeOfUser?: ((user: string, events: number, req: IncomingMessage) => void) | undefined;
  /** Told when a key publishes too fast. */
  readonly onHit: (limit: 'publishesPerSecondPerKey', req: IncomingMessage) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Events that a key may publish at once, in seconds of the long run. */
const BURST_SECONDS = 10;

export class BackendRates {
  readonly #options: BackendRatesOptions;
  /** undefined: no limit. */
  readonly #keys: RateLimiter | undefined;

  constructor(options: BackendRatesOptions) {
    const { perSecondPerKey: perSecond, now } = options;
    const burst = Math.max(1, perSecond * BURST_SECONDS);
    this.#options = options;
    this.#keys = perSecond === 0 ? undefined : new RateLimiter({ burst, perSecond, now });
  }

  /** Counts so many events of who calls. Throws RATE_LIMITED. */
  spend(events: number, { req, caller }: { readonly req: IncomingMessage; readonly caller: BackendCaller }): void {
    const verdict = this.#keys?.take(presentedKey(req) ?? '', events);
    if (verdict?.allowed === false) {
      this.#options.onHit('publishesPerSecondPerKey', req);
      throw tooMany(verdict.retryAfterMs);
    }
    if (caller.user !== undefined) this.#options.takeOfUser?.(caller.user, events, req);
  }
}
