/** WebSocket: frames both ways, one per message [PROTOCOL: WebSocket]. */
import type { Command } from '../link.ts';
import type { Socket } from '../platform.ts';
import { readFrame } from '../read-frame.ts';
import type { Transport, Wire, WireEnd, WireOptions } from '../wire.ts';
import { dropped, endOfFault } from './http-end.ts';
import { Subscribing } from './subscribing.ts';

export const ws: Transport = {
  name: 'ws',
  live: true,
  available: ({ webSocket }) => webSocket !== undefined,
  open: (options) => new WsWire(options),
};

class WsWire implements Wire {
  readonly #options: WireOptions;
  readonly #subscribing: Subscribing;
  #socket: Socket | undefined;
  #isOpen = false;
  /** The server itself has spoken. */
  #isConnected = false;
  #ended = false;

  constructor(options: WireOptions) {
    this.#options = options;
    this.#subscribing = new Subscribing(options.host, (text) => this.#socket?.send(text));
    this.#open().catch((error: unknown) => this.#finish(endOfFault(error)));
  }

  sync(again: readonly string[]): void {
    if (this.#isOpen) this.#subscribing.sync(again);
    else this.#subscribing.later(again);
  }

  command({ text }: Command): void {
    this.#socket?.send(text);
  }

  close(): void {
    this.#ended = true;
    this.#socket?.close(1000);
  }

  async #open(): Promise<void> {
    const { base, host, platform, token: askToken } = this.#options;
    const token = await askToken();
    if (this.#ended) return;
    const url = new URL('ws', base);
    url.protocol = url.protocol.replace('http', 'ws');
    const askedAt = platform.now();
    this.#socket = platform.webSocket?.(url.href, ['fanfare.v1'], {
      open: () => {
        if (this.#ended) return;
        this.#isOpen = true;
        host.opened(platform.now() - askedAt);
        if (token !== undefined) this.#socket?.send(JSON.stringify({ type: 'auth', token }));
        this.#subscribing.sync([]);
      },
      message: (data) => this.#message(data),
      close: (code, reason) => this.#finish(endOfClose(code, reason, this.#isConnected)),
    });
  }

  #message(data: unknown): void {
    const { host } = this.#options;
    if (this.#ended) return;
    const frame = typeof data === 'string' ? readFrame(data) : 'not text';
    if (typeof frame === 'string') host.unreadable(frame);
    else {
      this.#isConnected ||= frame.type === 'connected';
      const sifted = this.#subscribing.sift(frame);
      if (sifted !== undefined) host.frame(sifted);
    }
    if (!this.#ended) host.read();
  }

  #finish(end: WireEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket?.close();
    this.#options.host.ended(end);
  }
}

/**
 * The close frame of the server says the same, and comes first where there is room for it. A code that anybody uses is a verdict only
 * where the server has spoken before: else it is of something between, which another transport may get past.
 */
function endOfClose(code: number, reason: string, isConnected: boolean): WireEnd {
  const end = dropped(`CLOSED_${code}`, reason || `The connection was closed with code ${code}.`);
  return isFinal(code) && (isConnected || code >= 3000)
    ? { kind: 'refused', reason: end.reason, status: code === 3502 ? 401 : 0 }
    : end;
}

/** By the range of the code [PROTOCOL §8]. */
function isFinal(code: number): boolean {
  return code < 3000 ? RFC_FINAL.includes(code) : code % 1000 >= 500;
}

const RFC_FINAL: readonly number[] = [1000, 1002, 1003, 1007, 1008, 1009, 1010];
