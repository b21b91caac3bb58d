/** Bare clients of Engine.IO and Socket.IO: no client library stands between the test and the bytes. */
import { once } from 'node:events';
import { expect, vi } from 'vitest';
import { type RawData, WebSocket } from 'ws';
import { type IoServer, startIo, TIMEOUT } from './io-support.ts';

export const QUERY = '/socket.io/?EIO=4&transport=';

export function serve(options: Parameters<typeof startIo>[0] = {}): ReturnType<typeof startIo> {
  return startIo({
    ...options,
    server: { connectTimeout: 300, connectionStateRecovery: undefined, ...options.server },
  } as typeof options);
}

/** Says back what it is told, in the main namespace and in `/custom`. */
export function withEcho({ io }: IoServer): void {
  for (const nsp of [io.of('/'), io.of('/custom')]) {
    nsp.on('connection', (socket) => {
      socket.emit('auth', socket.handshake.auth);
      socket.on('message', (...args: unknown[]) => socket.emit('message-back', ...args));
      socket.on('message-with-ack', (...args: unknown[]) => {
        const ack = args.pop();
        if (typeof ack === 'function') ack(...args);
      });
    });
  }
}

/** A session of the polling transport. */
export class Polling {
  readonly #url: string;

  static async open({ port }: IoServer): Promise<Polling> {
    const url = `http://127.0.0.1:${port}${QUERY}polling`;
    const text = await (await fetch(url)).text();
    const { sid }: { sid: string } = JSON.parse(text.slice(1));
    return new Polling(`${url}&sid=${sid}`);
  }

  constructor(url: string) {
    this.#url = url;
  }

  get sid(): string {
    return new URL(this.#url).searchParams.get('sid') ?? '';
  }

  async poll(): Promise<string> {
    return (await fetch(this.#url)).text();
  }

  async status(): Promise<number> {
    return (await fetch(this.#url)).status;
  }

  async push(body: string): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await fetch(this.#url, { method: 'POST', body, headers: { 'Content-Type': 'text/plain' } });
    return { status: answer.status, text: await answer.text() };
  }
}

export class Wire implements Disposable {
  readonly socket: WebSocket;
  readonly heard: (string | Buffer)[] = [];
  isClosed = false;
  #read = 0;

  constructor({ port }: IoServer, query = `${QUERY}websocket`) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${query}`);
    this.socket.on('message', (data: RawData, isBinary) => {
      this.heard.push(isBinary && Buffer.isBuffer(data) ? data : String(data));
    });
    this.socket.on('close', () => {
      this.isClosed = true;
    });
    this.socket.on('error', () => {});
  }

  async opened(): Promise<this> {
    await once(this.socket, 'open');
    return this;
  }

  async next(): Promise<string | Buffer> {
    const at = this.#read;
    await vi.waitFor(() => expect(this.heard.length).toBeGreaterThan(at), TIMEOUT);
    this.#read += 1;
    return this.heard[at] ?? '';
  }

  async closed(): Promise<void> {
    await vi.waitFor(() => expect(this.isClosed).toBe(true), TIMEOUT);
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

/** Connected to the main namespace, and told so. */
export async function connected(server: IoServer): Promise<Wire> {
  const wire = await new Wire(server).opened();
  await wire.next();
  wire.socket.send('40');
  expect(await wire.next()).toMatch(/^40\{"sid":/);
  expect(await wire.next()).toBe('42["auth",{}]');
  return wire;
}
