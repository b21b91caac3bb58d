/** Latencies in buckets that are 2 % wide: percentiles of millions of values in constant memory. */

const PER_OCTAVE = 35;

export class Histogram {
  #buckets = new Uint32Array(PER_OCTAVE * 32);
  #count = 0;

  /** Microseconds. */
  add(us) {
    this.#buckets[us < 1 ? 0 : Math.floor(Math.log2(us) * PER_OCTAVE)] += 1;
    this.#count += 1;
  }

  get count() {
    return this.#count;
  }

  clear() {
    this.#buckets.fill(0);
    this.#count = 0;
  }

  /** Milliseconds; undefined where nothing was measured. */
  summary() {
    if (this.#count === 0) return undefined;
    return { p50: this.#percentile(0.5), p99: this.#percentile(0.99), p999: this.#percentile(0.999) };
  }

  #percentile(share) {
    let left = Math.ceil(this.#count * share);
    for (let index = 0; index < this.#buckets.length; index += 1) {
      left -= this.#buckets[index];
      if (left <= 0) return 2 ** ((index + 0.5) / PER_OCTAVE) / 1000;
    }
    return Number.NaN;
  }
}
