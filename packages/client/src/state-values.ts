/** The newest values of one state channel, by key, with a snapshot whose identity changes only when a value does. */
import type { Position } from '@fanfare/protocol';

/** The key of a channel's only value, where values have no keys. */
export const SOLE_KEY = '';

interface Held {
  readonly data: unknown;
  readonly at: Position | undefined;
}

const NONE: ReadonlyMap<string, unknown> = new Map();

export class StateValues {
  readonly #held = new Map<string, Held>();
  #snapshot: ReadonlyMap<string, unknown> | undefined = NONE;

  /** A copy, made when first asked for after a change; the same object until the next change. */
  get snapshot(): ReadonlyMap<string, unknown> {
    this.#snapshot ??= new Map([...this.#held].map(([key, { data }]) => [key, data]));
    return this.#snapshot;
  }

  /** Returns false for a value that is already here, or older than what is. */
  apply(key: string, data: unknown, at: Position | undefined): boolean {
    const known = this.#held.get(key)?.at;
    if (at !== undefined && known?.epoch === at.epoch && at.offset <= known.offset) return false;
    this.#held.set(key, { data, at });
    this.#snapshot = undefined;
    return true;
  }

  /** The history that the values came from is gone; keys that the new one does not have must not stay. */
  clear(): void {
    this.#held.clear();
    this.#snapshot = NONE;
  }
}
