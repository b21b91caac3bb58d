/** How many lines one kind of fault may write: what repeats a thousand times a second must not turn the log into a second fault. */

/** Lines per second; what exceeds them is counted, and told with the next line. */
const MAX_LINES_PER_SECOND = 20;

export class LineBudget {
  #windowStart = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #suppressed = 0;

  take(now: number): boolean {
    if (now - this.#windowStart >= 1000) {
      this.#windowStart = now;
      this.#lines = 0;
    }
    this.#lines += 1;
    if (this.#lines > MAX_LINES_PER_SECOND) {
      this.#suppressed += 1;
      return false;
    }
    return true;
  }

  /** How many lines were left out since it was last asked. */
  suppressed(): number {
    const count = this.#suppressed;
    this.#suppressed = 0;
    return count;
  }
}
