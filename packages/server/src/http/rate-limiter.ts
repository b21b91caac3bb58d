/** A token bucket per key: `burst` at once, then `perSecond` in the long run. For whatever can be guessed or flooded. */

export interface RateLimiterOptions {
  /** Takes allowed at once. */
  readonly burst: number;
  /** Takes regained per second, up to the burst. */
  readonly perSecond: number;
  /** Keys remembered at most; beyond, those not used for longest start afresh. @default 20000 */
  readonly maxKeys?: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export type RateVerdict = { readonly allowed: true } | { readonly allowed: false; readonly retryAfterMs: number };

interface Bucket {
  tokens: number;
  at: number;
}

const ALLOWED: RateVerdict = { allowed: true };

export class RateLimiter {
  readonly #burst: number;
  readonly #perMs: number;
  readonly #now: () => number;
  /** Two generations: the younger is filled up to half the limit, then becomes the older. No per-key bookkeeping of age. */
  readonly #generationSize: number;
  #younger = new Map<string, Bucket>();
  #older = new Map<string, Bucket>();

  constructor(options: RateLimiterOptions) {
    const { burst, perSecond, maxKeys = 20_000 } = options;
    if (!(burst >= 1 && perSecond > 0 && maxKeys >= 2)) {
      throw new TypeError(
        `A rate limit needs burst >= 1, perSecond > 0 and maxKeys >= 2, not ${burst}, ${perSecond} and ${maxKeys}.`,
      );
    }
    this.#burst = burst;
    this.#perMs = perSecond / 1000;
    this.#now = options.now;
    this.#generationSize = Math.floor(maxKeys / 2);
  }

  /** Takes so many, if they are there. More than a burst are taken from a full bucket, and waited for afterwards. */
  take(key: string, cost = 1): RateVerdict {
    const bucket = this.#bucket(key);
    const needed = Math.min(cost, this.#burst);
    if (bucket.tokens < needed) {
      return this.#refusal(bucket, needed);
    }
    bucket.tokens -= cost;
    return ALLOWED;
  }

  /** What `take` would say, without taking: where only failures are to cost something. */
  peek(key: string): RateVerdict {
    const bucket = this.#bucket(key);
    return bucket.tokens < 1 ? this.#refusal(bucket, 1) : ALLOWED;
  }

  /** Keys remembered now. */
  get size(): number {
    return this.#younger.size + this.#older.size;
  }

  /** The bucket, refilled up to now. */
  #bucket(key: string): Bucket {
    const now = this.#now();
    let bucket = this.#younger.get(key);
    if (bucket === undefined) {
      bucket = this.#older.get(key) ?? { tokens: this.#burst, at: now };
      this.#older.delete(key);
      this.#remember(key, bucket);
    }
    bucket.tokens = Math.min(this.#burst, bucket.tokens + Math.max(0, now - bucket.at) * this.#perMs);
    bucket.at = Math.max(bucket.at, now);
    return bucket;
  }

  #remember(key: string, bucket: Bucket): void {
    if (this.#younger.size >= this.#generationSize) {
      this.#older = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(key, bucket);
  }

  #refusal(bucket: Bucket, needed: number): RateVerdict {
    return { allowed: false, retryAfterMs: Math.ceil((needed - bucket.tokens) / this.#perMs) };
  }
}
