/** Incremental reader of an SSE stream, by the rules of the HTML standard [PROTOCOL §6.1]; takes any chunking of the text. */

/** One block of a stream. */
export interface SseEvent {
  /** 'message' when the block names none. */
  readonly event: string;
  readonly data: string;
  /** Last id of the stream so far; '' when none. */
  readonly id: string;
}

/** Of one stream. */
export interface SseDecoderOptions {
  readonly onEvent: (event: SseEvent) => void;
  /** The server's wish for the reconnect delay, milliseconds; not clamped. */
  readonly onRetry?: (ms: number) => void;
  /** Most characters held for one unfinished block. @default 1048576 */
  readonly maxBlockLength?: number;
}

/** Fatal: a block outgrew the decoder's cap. The stream cannot be read on; reconnect from the last id. */
export class SseBlockTooLong extends Error {
  override readonly name = 'SseBlockTooLong';
  readonly maxBlockLength: number;

  constructor(maxBlockLength: number) {
    super(`An SSE block is longer than ${maxBlockLength} characters.`);
    this.maxBlockLength = maxBlockLength;
  }
}

/** One for each stream; another stream begins with a fresh one. */
export class SseDecoder {
  readonly #onEvent: (event: SseEvent) => void;
  readonly #onRetry: (ms: number) => void;
  readonly #maxBlockLength: number;
  /** The line whose end has not come yet; grown by appending only, so that tiny chunks cost no copies. */
  #line = '';
  #event = '';
  #data: string | undefined;
  #id = '';
  #atStart = true;
  /** The last chunk ended in CR: a LF that follows belongs to it. */
  #afterCr = false;
  #failure: SseBlockTooLong | undefined;

  constructor(options: SseDecoderOptions) {
    this.#onEvent = options.onEvent;
    this.#onRetry = options.onRetry ?? (() => undefined);
    this.#maxBlockLength = options.maxBlockLength ?? 1_048_576;
  }

  /** Events are delivered before it returns. @throws SseBlockTooLong over the cap, and on every call after that. */
  feed(text: string): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (text === '') return;
    let from = this.#skipped(text);
    let cr = text.indexOf('\r', from);
    let lf = text.indexOf('\n', from);
    while (cr !== -1 || lf !== -1) {
      const end = cr === -1 || (lf !== -1 && lf < cr) ? lf : cr;
      this.#hold(text.slice(from, end));
      from = end + (end === cr && lf === cr + 1 ? 2 : 1);
      this.#afterCr = end === cr && from === text.length && from === end + 1;
      if (cr !== -1 && cr < from) cr = text.indexOf('\r', from);
      if (lf !== -1 && lf < from) lf = text.indexOf('\n', from);
      this.#endLine();
    }
    this.#hold(text.slice(from));
  }

  /** How much of the chunk's start is no content: a byte order mark at the stream's start, the LF of a CR LF cut in two. */
  #skipped(text: string): number {
    const skip = (this.#atStart && text.startsWith('\uFEFF')) || (this.#afterCr && text.startsWith('\n')) ? 1 : 0;
    this.#atStart = false;
    this.#afterCr = false;
    return skip;
  }

  #hold(text: string): void {
    this.#line += text;
    if (this.#line.length + (this.#data?.length ?? 0) + this.#event.length <= this.#maxBlockLength) return;
    this.#failure = new SseBlockTooLong(this.#maxBlockLength);
    this.#line = '';
    this.#data = undefined;
    throw this.#failure;
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = '';
    if (line === '') this.#endBlock();
    else this.#readField(line);
  }

  #readField(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^[0-9]+$/.test(value))
      this.#onRetry(Math.min(Number(value), Number.MAX_SAFE_INTEGER));
  }

  #endBlock(): void {
    const data = this.#data;
    const event = this.#event;
    this.#data = undefined;
    this.#event = '';
    if (data !== undefined) this.#onEvent({ event: event === '' ? 'message' : event, data, id: this.#id });
  }
}
