/** Which idempotency keys were seen lately, and where the first copy stands: bounded by count and age. */

export interface IdempotencyBounds {
  /** Keys remembered, of all channels together. @default 100_000 */
  readonly count: number;
  /** How long a key is remembered. @default 24 hours */
  readonly ageMs: number;
}

export const IDEMPOTENCY_DEFAULTS: IdempotencyBounds = { count: 100_000, ageMs: 24 * 60 * 60 * 1000 };

interface Seen {
  readonly offset: number;
  readonly time: number;
}

/** In memory; the oldest key goes first. */
export class IdempotencyWindow {
  readonly #bounds: IdempotencyBounds;
  readonly #seen = new Map<string, Seen>();
  /** Keys by age, from `#oldest` on: taking the first of a Map that loses its first is slow. */
  #order: string[] = [];
  #oldest = 0;

  constructor(bounds: Partial<IdempotencyBounds> = {}) {
    this.#bounds = { ...IDEMPOTENCY_DEFAULTS, ...bounds };
  }

  /** Offset of the first copy; undefined: not seen within the window. */
  find(channel: string, key: string, now: number): number | undefined {
    this.#expire(now);
    return this.#seen.get(entry(channel, key))?.offset;
  }

  /** Remembers a key that `find` did not know. */
  add(channel: string, key: string, seen: Seen): void {
    const name = entry(channel, key);
    this.#seen.set(name, seen);
    this.#order.push(name);
    if (this.#seen.size > this.#bounds.count) this.#forgetOldest();
  }

  #expire(now: number): void {
    const cutoff = now - this.#bounds.ageMs;
    for (let name = this.#order[this.#oldest]; name !== undefined; name = this.#order[this.#oldest]) {
      const seen = this.#seen.get(name);
      if (seen !== undefined && seen.time >= cutoff) return;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    this.#seen.delete(this.#order[this.#oldest] ?? '');
    this.#oldest += 1;
    if (this.#oldest >= 1024 && this.#oldest * 2 > this.#order.length) {
      this.#order = this.#order.slice(this.#oldest);
      this.#oldest = 0;
    }
  }
}

/** Keys hold no NUL (assertKeepable), so no two pairs share an entry. */
function entry(channel: string, key: string): string {
  return `${key}\0${channel}`;
}
