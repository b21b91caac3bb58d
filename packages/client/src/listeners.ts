/** A set of callbacks in the order they were added; the same function may be added twice and removed once each. */

/** Removes what returned it. Calling it again does nothing. */
export type Off = () => void;

export class Listeners<Args extends readonly unknown[]> {
  readonly #entries = new Set<{ readonly call: (...args: Args) => void }>();

  get size(): number {
    return this.#entries.size;
  }

  add(call: (...args: Args) => void): Off {
    const entry = { call };
    this.#entries.add(entry);
    return () => {
      this.#entries.delete(entry);
    };
  }

  /** Calls everyone that was there at the start; what one throws goes to `onThrow` and stops nobody else. */
  emit(args: Args, onThrow: (error: unknown) => void): void {
    for (const entry of [...this.#entries]) {
      if (!this.#entries.has(entry)) continue;
      try {
        // An async handler's rejection is its caller's to see, too: nobody else holds the promise.
        const returned: unknown = entry.call(...args);
        if (returned instanceof Promise) returned.catch(onThrow);
      } catch (error) {
        onThrow(error);
      }
    }
  }
}
