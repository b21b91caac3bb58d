/** Server-Sent Events, with the uplink beside, as a wire of the behaviour suite. */
import { connect, type Socket } from 'node:net';
import { type ClientFrame, decodeServerFrame, type ServerFrame, SseDecoder } from '@fanfare/protocol';
import { vi } from 'vitest';
import { sendUplink, sendUplinks, type Uplink } from './uplink.ts';
import { type ConnectWire, channelOf, framesOf, WAIT, type WireClient, type WireOptions } from './wire-client.ts';

export const connectSse: ConnectWire = async (options) => {
  const client = new SseClient(options);
  await vi.waitUntil(() => client.frames.length > 0 || client.closed, WAIT);
  return client;
};

class SseClient implements WireClient {
  readonly transport = 'sse';
  readonly frames: ServerFrame[] = [];
  closed = false;
  readonly #options: WireOptions;
  readonly #socket: Socket;
  #head = '';
  readonly #decoder = new SseDecoder({
    onEvent: ({ data }) => {
      const decoded = decodeServerFrame(data);
      if (!decoded.ok) throw new Error(`not a frame: ${data}`);
      this.frames.push(decoded.value);
    },
  });

  constructor(options: WireOptions) {
    this.#options = options;
    const query = options.channels.map((begin) => {
      const position = typeof begin === 'string' ? '' : `@${begin[1]}`;
      return `channel=${channelOf(begin)}${position}`;
    });
    const credential = options.token === undefined ? '' : `Authorization: Bearer ${options.token}\r\n`;
    this.#socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.closed = true;
    });
    const text = new TextDecoder();
    this.#socket.on('data', (chunk: Buffer) => this.#receive(text.decode(chunk, { stream: true })));
    this.#socket.write(`GET /live/sse?${query.join('&')} HTTP/1.1\r\nHost: localhost\r\n${credential}\r\n`);
  }

  get closeCode(): number {
    return framesOf(this, 'close').at(-1)?.code ?? 1006;
  }

  command(frame: ClientFrame | object): Promise<ServerFrame> {
    return sendUplink(this.#uplink(), frame);
  }

  commands(frames: readonly ClientFrame[]): Promise<readonly ServerFrame[]> {
    return sendUplinks(this.#uplink(), frames);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  cut(): void {
    this.#socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #uplink(): Uplink {
    const { port, token } = this.#options;
    return { port, token, connection: () => framesOf(this, 'connected')[0]?.connection ?? '' };
  }

  #receive(text: string): void {
    if (this.#head.includes('\r\n\r\n')) this.#decoder.feed(text);
    else {
      this.#head += text;
      const end = this.#head.indexOf('\r\n\r\n');
      if (end === -1) return;
      const body = this.#head.slice(end + 4);
      if (!this.#head.startsWith('HTTP/1.1 200 ')) throw new Error(this.#head);
      this.#head = this.#head.slice(0, end + 4);
      this.#decoder.feed(body);
    }
  }
}
