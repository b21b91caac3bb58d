/** What was found for the names that were asked for lately: as cheap as a Map, and bounded like a cache. */

/** Names of one generation; two are held. */
const GENERATION = 4096;

/** Holds the last 4096 distinct names at least and twice as many at most, however many there are. Holds no `undefined`. */
export class RecentNames<T> {
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  get(name: string): T | undefined {
    const found = this.#young.get(name);
    if (found !== undefined) return found;
    const older = this.#old.get(name);
    if (older !== undefined) this.set(name, older);
    return older;
  }

  set(name: string, value: T): void {
    if (this.#young.size >= GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(name, value);
  }
}
