/** Server-Sent Events over fetch: unlike EventSource it can set headers, and knows its own positions [PROTOCOL §6]. */
import { type ServerFrame, SseDecoder } from '@fanfare/protocol';
import type { Command } from '../link.ts';
import { readFrame } from '../read-frame.ts';
import type { Transport, Wire, WireEnd, WireOptions } from '../wire.ts';
import { addChannels, ask, dropped, endOf, endOfFault } from './http-end.ts';
import { Subscribing } from './subscribing.ts';
import { Uplink } from './uplink.ts';

export const sse: Transport = {
  name: 'sse',
  live: true,
  available: () => true,
  open: (options) => new SseWire(options),
};

/** Channels beyond this are subscribed on the open stream. */
const MAX_URL_LENGTH = 6000;

class SseWire implements Wire {
  readonly #options: WireOptions;
  readonly #abort = new AbortController();
  readonly #uplink: Uplink;
  readonly #subscribing: Subscribing;
  #token: string | undefined;
  #isConnected = false;

  constructor(options: WireOptions) {
    this.#options = options;
    const host = { ...options.host, frame: (frame: ServerFrame) => this.#tell(frame) };
    const { signal } = this.#abort;
    this.#uplink = new Uplink({ ...options, host }, { signal, isFitful: false, fail: (end) => this.#finish(end) });
    this.#subscribing = new Subscribing(options.host, (text) => this.#uplink.send({ text }));
    this.#read().then(
      (end) => this.#finish(end),
      (error: unknown) => this.#finish(endOfFault(error)),
    );
  }

  sync(again: readonly string[]): void {
    if (this.#isConnected) this.#subscribing.sync(again);
    else this.#subscribing.later(again);
  }

  command(command: Command): void {
    this.#uplink.send(command);
  }

  close(): void {
    this.#abort.abort();
  }

  #finish(end: WireEnd): void {
    const { signal } = this.#abort;
    if (signal.aborted) return;
    // Whatever of the answer is unread is not wanted.
    this.#abort.abort();
    this.#options.host.ended(end);
  }

  async #read(): Promise<WireEnd> {
    const { base, host, isTrial, platform, token } = this.#options;
    const { signal } = this.#abort;
    this.#token = await token();
    signal.throwIfAborted();
    // Composed as late as possible: its positions must be where the client stands when the request leaves.
    const url = new URL('sse?ids=no', base);
    if (!isTrial) this.#subscribing.asked = addChannels(url, host, MAX_URL_LENGTH);
    const askedAt = platform.now();
    const response = await ask(this.#options, url, {
      headers: { accept: 'text/event-stream' },
      signal,
      token: this.#token,
    });
    signal.throwIfAborted();
    if (response.status !== 200) return endOf(response, platform);
    const type = response.headers.get('content-type') ?? '';
    // A hotel's login page answers 200, too.
    if (!type.startsWith('text/event-stream') || response.body === null) {
      return dropped('NOT_A_STREAM', `Expected text/event-stream, got ${type || 'no content type'}.`);
    }
    host.opened(platform.now() - askedAt);
    await this.#readBody(response.body);
    return dropped('STREAM_ENDED', 'The stream ended without saying why.');
  }

  async #readBody(body: ReadableStream<Uint8Array>): Promise<void> {
    const { host } = this.#options;
    const { signal } = this.#abort;
    const text = new TextDecoder();
    const decoder = new SseDecoder({
      onRetry: (ms) => !signal.aborted && host.retry(ms),
      onEvent: ({ data }) => !signal.aborted && this.#frame(data),
    });
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) return;
      decoder.feed(text.decode(value, { stream: true }));
      if (!signal.aborted) host.read();
    }
  }

  #tell(frame: ServerFrame): void {
    const sifted = this.#subscribing.sift(frame);
    if (sifted !== undefined) this.#options.host.frame(sifted);
  }

  #frame(data: string): void {
    const { host } = this.#options;
    const frame = readFrame(data);
    if (typeof frame === 'string') {
      host.unreadable(frame);
      return;
    }
    this.#tell(frame);
    if (frame.type !== 'connected' || this.#abort.signal.aborted) return;
    this.#isConnected = true;
    this.#uplink.open(frame.connection, this.#token);
    this.#subscribing.sync([]);
  }
}
