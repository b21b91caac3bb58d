/** One event with its bytes: framed at most once per wire format, however many connections get it. */
import type { StoredEvent } from './ports/broker.ts';
import type { Encoding } from './ports/transport.ts';

export class FramedEvent {
  readonly event: StoredEvent;
  // Nearly every channel is read in one format: the first has fields of its own, a map exists only from the second on.
  #first: Encoding | undefined;
  #firstBytes: Uint8Array | undefined;
  #more: Map<Encoding, Uint8Array> | undefined;
  #snapshot: { readonly encoding: Encoding; readonly bytes: Uint8Array } | undefined;

  constructor(event: StoredEvent) {
    this.event = event;
  }

  bytes(encoding: Encoding): Uint8Array {
    if (this.#first === encoding && this.#firstBytes !== undefined) return this.#firstBytes;
    const known = this.#more?.get(encoding);
    if (known !== undefined) return known;
    const bytes = encoding.event(this.event);
    if (this.#first === undefined) {
      this.#first = encoding;
      this.#firstBytes = bytes;
    } else {
      this.#more ??= new Map();
      this.#more.set(encoding, bytes);
    }
    return bytes;
  }

  /** Bytes as a state value handed over at subscribe. The last format asked for is kept: storms ask in one format. */
  snapshotBytes(encoding: Encoding): Uint8Array {
    if (encoding.snapshot === undefined) return this.bytes(encoding);
    if (this.#snapshot?.encoding !== encoding) {
      this.#snapshot = { encoding, bytes: encoding.snapshot(this.event) };
    }
    return this.#snapshot.bytes;
  }
}
