/** How fast clients may send commands, and publish [PROTOCOL §14.6], whatever way they come. */
import type { LimitFacts } from '../../core/index.ts';
import { type HttpError, tooMany } from '../../http/errors.ts';
import { RateLimiter } from '../../http/rate-limiter.ts';
import type { WireLimits } from '../../http/wire-limits.ts';

export type CommandRate =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly error: HttpError }
  /** Refused so often that the connection has to end. */
  | { readonly kind: 'exhausted' };

export interface CommandRatesOptions {
  readonly limits: Pick<WireLimits, 'commandsPerSecond' | 'publishesPerSecond'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Told who met which limit. */
  readonly onHit: (limit: 'commandsPerSecond' | 'publishesPerSecond', about: LimitFacts) => void;
}

/** Who sends. */
export interface Sender {
  /** Of the connection; '': none, by the backend API. */
  readonly id: string;
  readonly address: string;
  /** Subject; '': nobody in particular. */
  readonly identity: string;
}

/** At once, in seconds of the long run. */
const BURST_SECONDS = 6;
/** Refusals that a connection is worth: as many as a burst, regained slowly. */
const PATIENCE = 1 / 10;

const ALLOWED: CommandRate = { kind: 'allowed' };

export class CommandRates {
  readonly #options: CommandRatesOptions;
  readonly #commands: RateLimiter;
  readonly #refusals: RateLimiter;
  /** undefined: no limit. */
  readonly #publishes: RateLimiter | undefined;

  constructor(options: CommandRatesOptions) {
    const { limits, now } = options;
    const { commandsPerSecond, publishesPerSecond } = limits;
    const burst = Math.max(1, commandsPerSecond * BURST_SECONDS);
    this.#options = options;
    this.#commands = new RateLimiter({ burst, perSecond: commandsPerSecond, now });
    this.#refusals = new RateLimiter({ burst, perSecond: commandsPerSecond * PATIENCE, now });
    this.#publishes =
      publishesPerSecond === 0
        ? undefined
        : new RateLimiter({
            burst: Math.max(1, publishesPerSecond * BURST_SECONDS),
            perSecond: publishesPerSecond,
            now,
          });
  }

  /** Counts one command of a connection. */
  take(sender: Sender): CommandRate {
    const verdict = this.#commands.take(sender.id);
    if (verdict.allowed) return ALLOWED;
    this.#options.onHit('commandsPerSecond', factsOf(sender));
    if (!this.#refusals.take(sender.id).allowed) return { kind: 'exhausted' };
    return { kind: 'refused', error: tooMany(verdict.retryAfterMs) };
  }

  /** Counts events of a client: of a user over all of their connections. Throws RATE_LIMITED. */
  takePublish(sender: Sender, events = 1): void {
    const who = sender.identity === '' ? `connection ${sender.id}` : `user ${sender.identity}`;
    const verdict = this.#publishes?.take(who, events);
    if (verdict === undefined || verdict.allowed) return;
    this.#options.onHit('publishesPerSecond', factsOf(sender));
    throw tooMany(verdict.retryAfterMs);
  }
}

function factsOf({ id, address, identity }: Sender): LimitFacts {
  return { ...(id === '' ? {} : { connection: id }), address, ...(identity === '' ? {} : { identity }) };
}
