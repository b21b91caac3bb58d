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
  /** Of the stream that is open, or being opened. */
  #stream = new AbortController();
  #isTrial: boolean;
  /** Commands get through: some networks, and servers behind a proxy that hides their name, take no POST from a page. */
  #hasUplink = true;
  #token: string | undefined;
  #isConnected = false;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#isTrial = options.isTrial;
    const host = { ...options.host, frame: (frame: ServerFrame) => this.#tell(frame) };
    const { signal } = this.#abort;
    this.#uplink = new Uplink(
      { ...options, host },
      { signal, isFitful: false, fail: (end) => this.#withoutUplink(end) },
    );
    this.#subscribing = new Subscribing(options.host, (text) => this.#uplink.send({ text }));
    this.#open();
  }

  sync(again: readonly string[]): void {
    if (!this.#isConnected) this.#subscribing.later(again);
    else if (this.#hasUplink) this.#subscribing.sync(again);
    else this.#open();
  }

  command(command: Command): void {
    this.#uplink.send(command);
  }

  close(): void {
    this.#abort.abort();
    this.#stream.abort();
  }

  /** In place of the stream that is open. */
  #open(): void {
    this.#stream.abort();
    const stream = new AbortController();
    this.#stream = stream;
    this.#isConnected = false;
    const finish = (end: WireEnd): void => {
      if (!stream.signal.aborted) this.#finish(end);
    };
    this.#read(stream.signal).then(finish, (error: unknown) => finish(endOfFault(error)));
  }

  /** What is refused to a command is not refused to the stream: from now on each change opens it anew. */
  #withoutUplink(end: WireEnd): void {
    if (!this.#hasUplink || end.kind === 'dropped' || end.status === 401) {
      this.#finish(end);
      return;
    }
    this.#hasUplink = false;
    this.#open();
  }

  #finish(end: WireEnd): void {
    if (this.#abort.signal.aborted) return;
    // Whatever of the answer is unread is not wanted.
    this.close();
    this.#options.host.ended(end);
  }

  async #read(signal: AbortSignal): Promise<WireEnd> {
    const { base, host, platform, token } = this.#options;
    this.#token = await token();
    signal.throwIfAborted();
    // Composed as late as possible: its positions must be where the client stands when the request leaves.
    const url = new URL('sse?ids=no', base);
    if (!this.#isTrial) this.#subscribing.restart(addChannels(url, host, MAX_URL_LENGTH));
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
    await this.#readBody(response.body, signal);
    return dropped('STREAM_ENDED', 'The stream ended without saying why.');
  }

  async #readBody(body: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const { host } = this.#options;
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
    if (this.#isTrial) {
      // It gets through. The channels go into the address, for where a page's commands do not.
      this.#isTrial = false;
      this.#open();
    } else if (this.#hasUplink) this.#subscribing.sync([]);
  }
}
