/** PINs have four digits, so guessing is made slow: after a few wrong ones an address must wait. Right PINs cost nothing. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { networkOf, RateLimiter, tooMany } from 'fanfare/http';
import { refuse } from './errors.ts';
import type { Court, CourtStore } from './store/court-store.ts';

/** Wrong PINs an address may try at once, and how long until it gets one try back. 10 000 PINs take a guesser 16 hours. */
const WRONG_PINS_BURST = 20;
const WRONG_PIN_REFILL_MS = 6000;
/** How much more the networks of one IPv6 customer may try together: with 65 000 of them, 20 tries each would be all PINs. */
const WHOLE_SITE = 10;

const RETIRED_KEPT = 1000;

export interface PinAttempt {
  readonly pin: string;
  readonly address: string;
  /** Asked only when the address must wait: who has been in, or scores, is not guessing. */
  readonly trusted: () => boolean | Promise<boolean>;
}

/**
 * While an address waits, right PINs are refused like wrong ones: an answer that tells them apart is what a guesser wants.
 * Everybody in a hall may share one address with the guesser, so whoever has been let in once gets a proof of it, and
 * is let in again whatever the others do.
 */
export class PinGate {
  readonly #courts: CourtStore;
  readonly #byNetwork: RateLimiter;
  readonly #bySite: RateLimiter;
  /** PINs that were right until they were rotated: a hall full of phones that come back with one is not guessing. */
  readonly #retired = new Set<string>();
  /** Of this process, like the limit itself: after a restart both begin anew. */
  readonly #secret = randomBytes(32);

  /** `now`: monotonic milliseconds. */
  constructor(courts: CourtStore, now: () => number) {
    this.#courts = courts;
    const [burst, perSecond] = [WRONG_PINS_BURST, 1000 / WRONG_PIN_REFILL_MS];
    this.#byNetwork = new RateLimiter({ burst, perSecond, now });
    this.#bySite = new RateLimiter({ burst: burst * WHOLE_SITE, perSecond: perSecond * WHOLE_SITE, now });
  }

  /** The court of a PIN. Throws PIN_NOT_FOUND, or RATE_LIMITED with Retry-After. */
  async open({ pin, address, trusted }: PinAttempt): Promise<Court> {
    if (this.#retired.has(pin) && this.#courts.findByPin(pin) === undefined) return refuse('PIN_NOT_FOUND');
    const [network, site] = [networkOf(address), networkOf(address, 48)];
    for (const verdict of [this.#byNetwork.peek(network), this.#bySite.peek(site)]) {
      if (!verdict.allowed && !(await trusted())) throw tooMany(verdict.retryAfterMs);
    }
    const court = this.#courts.findByPin(pin);
    if (court !== undefined) return court;
    this.#byNetwork.take(network);
    this.#bySite.take(site);
    return refuse('PIN_NOT_FOUND');
  }

  /** For whoever was let in: shows later that the PIN was known. Tells nothing to who does not know it. */
  proofOf(pin: string): string {
    return this.#sign(pin).toString('base64url');
  }

  isProof(pin: string, proof: string): boolean {
    const [expected, presented] = [this.#sign(pin), Buffer.from(proof, 'base64url')];
    return presented.length === expected.length && timingSafeEqual(presented, expected);
  }

  /** The court has another PIN now: this one is answered PIN_NOT_FOUND at no cost, and for that its streams stop. */
  retire(pin: string): void {
    this.#retired.add(pin);
    const [oldest] = this.#retired;
    if (this.#retired.size > RETIRED_KEPT && oldest !== undefined) this.#retired.delete(oldest);
  }

  #sign(pin: string): Buffer {
    return createHmac('sha256', this.#secret).update(pin).digest();
  }
}
