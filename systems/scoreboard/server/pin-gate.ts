/** PINs have four digits, so guessing is made slow: after a few wrong ones an address must wait. Right PINs cost nothing. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { networkOf, RateLimiter, tooMany } from 'fanfare/http';
import { refuse } from './errors.ts';
import type { Court, CourtStore } from './store/court-store.ts';

export interface WrongPinLimit {
  /** Wrong PINs an address may try at once. */
  readonly burst: number;
  /** How many tries it gets back per second. */
  readonly perSecond: number;
}

/** 10 000 PINs take a guesser 16 hours. */
export const DEFAULT_WRONG_PINS: WrongPinLimit = { burst: 20, perSecond: 1 / 6 };

export interface PinGateOptions {
  readonly courts: CourtStore;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly wrongPins: WrongPinLimit;
  /** Told when an address has to wait. */
  readonly onLimit: (address: string) => void;
  /** Told of every wrong PIN, and of everybody who has to wait; never the PIN: who mistypes is a digit away from the right one. */
  readonly onDenied: (facts: { readonly code: string; readonly address: string }) => void;
}

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

  readonly #onLimit: PinGateOptions['onLimit'];
  readonly #onDenied: PinGateOptions['onDenied'];

  constructor({ courts, now, wrongPins, onLimit, onDenied }: PinGateOptions) {
    this.#courts = courts;
    this.#onLimit = onLimit;
    this.#onDenied = onDenied;
    const { burst, perSecond } = wrongPins;
    this.#byNetwork = new RateLimiter({ burst, perSecond, now });
    this.#bySite = new RateLimiter({ burst: burst * WHOLE_SITE, perSecond: perSecond * WHOLE_SITE, now });
  }

  /** The court of a PIN. Throws PIN_NOT_FOUND, or RATE_LIMITED with Retry-After. */
  async open({ pin, address, trusted }: PinAttempt): Promise<Court> {
    if (this.#retired.has(pin) && this.#courts.findByPin(pin) === undefined) return refuse('PIN_NOT_FOUND');
    const [network, site] = [networkOf(address), networkOf(address, 48)];
    for (const verdict of [this.#byNetwork.peek(network), this.#bySite.peek(site)]) {
      if (verdict.allowed || (await trusted())) continue;
      this.#onLimit(address);
      this.#onDenied({ code: 'RATE_LIMITED', address });
      throw tooMany(verdict.retryAfterMs);
    }
    const court = this.#courts.findByPin(pin);
    if (court !== undefined) return court;
    this.#byNetwork.take(network);
    this.#bySite.take(site);
    this.#onDenied({ code: 'PIN_NOT_FOUND', address });
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
