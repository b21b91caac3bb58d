/** The requests of one client, done one after the other: who joins and then sends must not be told that it is not in the room. */

/** Requests that may wait for the one before them. */
const MAX_WAITING = 256;

export class Turns {
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  /** false: too many wait, and nothing was queued. `work` must not reject. */
  take(work: () => Promise<void>): boolean {
    if (this.#waiting >= MAX_WAITING) return false;
    this.#waiting += 1;
    this.#last = this.#last.then(work).finally(() => {
      this.#waiting -= 1;
    });
    return true;
  }
}
