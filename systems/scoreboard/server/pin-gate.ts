/** PINs have four digits, so guessing is made slow: after a few wrong ones an address must wait. Right PINs cost nothing. */
import { RateLimiter } from 'fanfare/http';
import { refuse } from './errors.ts';
import { networkOf } from './network.ts';
import type { Court, CourtStore } from './store/court-store.ts';

/** Wrong PINs an address may try at once, and how long until it gets one try back. 10 000 PINs take a guesser 16 hours. */
export const WRONG_PINS_BURST = 20;
export const WRONG_PIN_REFILL_MS = 6000;

export interface PinAttempt {
  readonly pin: string;
  readonly address: string;
  /** Asked only when the address must wait: whoever scores already is not guessing. */
  readonly trusted: () => boolean | Promise<boolean>;
}

/**
 * While an address waits, right PINs are refused like wrong ones: an answer that tells them apart is what a guesser wants.
 * A whole hall behind one address is not locked out by one guesser for longer than the next refill, and umpires never are.
 */
export class PinGate {
  readonly #courts: CourtStore;
  readonly #wrongPins: RateLimiter;

  /** `now`: monotonic milliseconds. */
  constructor(courts: CourtStore, now: () => number) {
    this.#courts = courts;
    this.#wrongPins = new RateLimiter({ burst: WRONG_PINS_BURST, perSecond: 1000 / WRONG_PIN_REFILL_MS, now });
  }

  /** The court of a PIN. Throws PIN_NOT_FOUND, or RATE_LIMITED with Retry-After. */
  async open({ pin, address, trusted }: PinAttempt): Promise<Court> {
    const network = networkOf(address);
    const verdict = this.#wrongPins.peek(network);
    if (!verdict.allowed && !(await trusted())) {
      const seconds = Math.ceil(verdict.retryAfterMs / 1000);
      return refuse('RATE_LIMITED', { details: { seconds }, headers: { 'Retry-After': String(seconds) } });
    }
    const court = this.#courts.findByPin(pin);
    if (court !== undefined) return court;
    this.#wrongPins.take(network);
    return refuse('PIN_NOT_FOUND');
  }
}
