/** The newest value per key of one state channel, in offset order: what a new subscriber gets at once. */
import type { FramedEvent } from './framed-event.ts';

export class NewestValues {
  readonly #values = new Map<string, FramedEvent>();
  #newest = 0;

  /** Offset of the newest value; 0: there is none. */
  get newest(): number {
    return this.#newest;
  }

  /** Takes a value; an older one of its key gives way, an even newer one stays. */
  push(event: FramedEvent): void {
    const held = this.#values.get(event.event.key);
    if (held !== undefined && held.event.offset >= event.event.offset) return;
    this.#values.delete(event.event.key);
    this.#values.set(event.event.key, event);
    this.#newest = event.event.offset;
  }

  /** Values set after the offset, in offset order. */
  after(offset: number): readonly FramedEvent[] {
    const values: FramedEvent[] = [];
    for (const value of this.#values.values()) if (value.event.offset > offset) values.push(value);
    return values;
  }

  /** The newest values are always whole. */
  holdsAfter(_offset: number): boolean {
    return true;
  }
}
