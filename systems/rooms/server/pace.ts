/** How fast one client may send: what is too fast is refused, and who keeps it up is sent away. */
import type { OwnConnection } from 'fanfare';
import { RateLimiter } from 'fanfare/http';
import type { Asking } from './desk.ts';

export interface Rate {
  /** Messages a second in the long run. */
  readonly perSecond: number;
  /** Messages at once. */
  readonly burst: number;
}

export interface PaceOptions {
  readonly rate: Rate;
  /** Milliseconds. */
  readonly monotonic: () => number;
  /** Told of every message that is refused. */
  readonly refused: (connection: OwnConnection) => void;
}

export class Pace {
  readonly #messages: RateLimiter;
  readonly #refusals: RateLimiter;
  readonly #refused: PaceOptions['refused'];

  constructor({ rate: { perSecond, burst }, monotonic, refused }: PaceOptions) {
    this.#messages = new RateLimiter({ perSecond, burst, now: monotonic });
    // Refusals that a client is worth: as many as a burst, regained slowly.
    this.#refusals = new RateLimiter({ perSecond: perSecond / 10, burst, now: monotonic });
    this.#refused = refused;
  }

  take({ clientId, connection }: Asking): 'allowed' | 'refused' | 'exhausted' {
    if (this.#messages.take(clientId).allowed) return 'allowed';
    this.#refused(connection);
    return this.#refusals.take(clientId).allowed ? 'refused' : 'exhausted';
  }
}
