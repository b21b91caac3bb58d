/** The events of one channel that leave in one turn of the loop: concatenated once per wire format, shared by all. */
import type { Position } from '@fanfare/protocol';
import type { FramedEvent } from './framed-event.ts';
import type { Encoding } from './ports/transport.ts';

/** Joins chunks into one. Handed in, so that Node can give its pooled buffers. */
export type Concat = (chunks: readonly Uint8Array[]) => Uint8Array;

export class EventBatch {
  readonly events: readonly FramedEvent[];
  /** Offset of the first event; 0 for signals. */
  readonly first: number;
  /** Where a client stands that has got all of it: one object for everybody. */
  readonly end: Position;
  readonly #concat: Concat;
  #encoding: Encoding | undefined;
  #bytes: Uint8Array | undefined;
  #more: Map<Encoding, Uint8Array> | undefined;

  /** `events`: in offset order, not empty. */
  constructor(events: readonly FramedEvent[], concat: Concat) {
    this.events = events;
    this.first = events[0]?.event.offset ?? 0;
    const last = events.at(-1)?.event;
    this.end = { epoch: last?.epoch ?? '', offset: last?.offset ?? 0 };
    this.#concat = concat;
  }

  bytes(encoding: Encoding): Uint8Array {
    if (this.#encoding === encoding && this.#bytes !== undefined) return this.#bytes;
    const known = this.#more?.get(encoding);
    if (known !== undefined) return known;
    const bytes = this.#join(encoding);
    if (this.#encoding === undefined) {
      this.#encoding = encoding;
      this.#bytes = bytes;
    } else {
      this.#more ??= new Map();
      this.#more.set(encoding, bytes);
    }
    return bytes;
  }

  #join(encoding: Encoding): Uint8Array {
    const only = this.events.length === 1 ? this.events[0] : undefined;
    if (only !== undefined) return only.bytes(encoding);
    return this.#concat(this.events.map((event) => event.bytes(encoding)));
  }
}

/** Plain concatenation, for platforms that hand in nothing better. */
export const concatBytes: Concat = (chunks) => {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
};
