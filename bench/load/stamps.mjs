/**
 * Finds the stamps in what was read. A crowd reads the same bytes over and over, once per subscriber: bytes that are those of the
 * read before are compared, which is one call, instead of searched, which is several per event.
 */
import { STAMP_BYTE, STAMP_LENGTH, sequenceAt, timeAt } from './payload.mjs';

export class Stamps {
  /** What the last `find` found, the first `count` of each: numbers, and when they were published. */
  sequences = [];
  timesUs = [];
  count = 0;
  /** Of what `find` was given: where a stamp begins whose end is still to come; `length` where there is none. */
  used = 0;
  #last = Buffer.alloc(0);
  #lastLength = -1;

  /** Looks through the first `length` of `bytes`. */
  find(bytes, length) {
    if (length === this.#lastLength && bytes.compare(this.#last, 0, length, 0, length) === 0) return;
    this.#remember(bytes, length);
    this.count = 0;
    this.used = length;
    const text = bytes.subarray(0, length);
    let at = text.indexOf(STAMP_BYTE);
    while (at !== -1) {
      if (at + STAMP_LENGTH > length) {
        this.used = at;
        return;
      }
      const sequence = sequenceAt(text, at);
      if (sequence !== -1) {
        this.sequences[this.count] = sequence;
        this.timesUs[this.count] = timeAt(text, at);
        this.count += 1;
      }
      at = text.indexOf(STAMP_BYTE, sequence === -1 ? at + 1 : at + STAMP_LENGTH);
    }
  }

  #remember(bytes, length) {
    if (length > this.#last.length) this.#last = Buffer.allocUnsafe(length * 2);
    bytes.copy(this.#last, 0, 0, length);
    this.#lastLength = length;
  }
}
