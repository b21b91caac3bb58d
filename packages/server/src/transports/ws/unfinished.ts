/** What has come of a frame, and of a message in fragments, that is not whole. It grows with what comes, not with what was announced. */

/** Of a buffer that has to grow. */
const LEAST_BYTES = 64;
const NOTHING: Buffer = Buffer.alloc(0);

export class Unfinished {
  /** Bytes of the frame that must come before anything more can be said of it. */
  missing = 0;
  /** Of the message in fragments. */
  opcode = 0;
  fragments = 0;
  /** Bytes of the message in fragments. */
  length = 0;
  #message = NOTHING;
  #frame = NOTHING;
  #frameLength = 0;

  get isInFrame(): boolean {
    return this.#frameLength > 0;
  }

  get isInMessage(): boolean {
    return this.fragments > 0;
  }

  get isEmpty(): boolean {
    return !this.isInFrame && !this.isInMessage;
  }

  /** Of memory: never more than twice what has come, and a few. */
  get heldBytes(): number {
    return this.#frame.length + this.#message.length;
  }

  /** Begins a frame. */
  hold(bytes: Buffer, missing: number): void {
    this.missing = missing;
    this.extend(bytes);
  }

  /** Returns all that has come of the frame. */
  extend(bytes: Buffer): Buffer {
    this.#frame = roomFor(this.#frame, this.#frameLength, bytes.length);
    bytes.copy(this.#frame, this.#frameLength);
    this.#frameLength += bytes.length;
    return this.#frame.subarray(0, this.#frameLength);
  }

  /** The frame has been read. */
  endFrame(): void {
    this.#frame = NOTHING;
    this.#frameLength = 0;
    this.missing = 0;
  }

  /** `opcode`: counts for the first. */
  addFragment(opcode: number, payload: Buffer): void {
    if (this.fragments === 0) this.opcode = opcode;
    this.fragments += 1;
    this.#message = roomFor(this.#message, this.length, payload.length);
    payload.copy(this.#message, this.length);
    this.length += payload.length;
  }

  /** Returns the whole message. */
  endMessage(): Buffer {
    const message = this.#message.subarray(0, this.length);
    this.#message = NOTHING;
    this.fragments = 0;
    this.length = 0;
    return message;
  }
}

/** The same bytes, with room for more behind them. */
function roomFor(bytes: Buffer, used: number, more: number): Buffer {
  const needed = used + more;
  if (needed <= bytes.length) return bytes;
  // Not of the pool, which one that never ends would keep alive.
  const grown = Buffer.allocUnsafeSlow(Math.max(needed, LEAST_BYTES, 2 * bytes.length));
  bytes.copy(grown, 0, 0, used);
  return grown;
}
