/** A publisher on one socket, and servers whose `node:http` and whose engine are watched: for tests of the lane of those who publish. */
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import type { Engine } from '../../src/core/index.ts';
import { memory } from '../../src/index.ts';
import { API_KEY, type LiveServer } from './live-fixture.ts';

/** A publisher on one socket, which says exactly what it is told to. */
export class Publisher implements Disposable {
  readonly socket: Socket;
  received = '';

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket
      .on('error', () => {})
      .on('data', (chunk) => {
        this.received += String(chunk);
      });
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  /** What is answered to bytes that ask `count` times. */
  async ask(bytes: string, count = 1): Promise<string[]> {
    this.received = '';
    this.socket.write(bytes);
    return this.answers(count);
  }

  /** Each as long as it says, and of now. */
  async answers(count: number): Promise<string[]> {
    const all = (): string[] => this.received.match(/HTTP\/1\.1 (?:.+\r\n)+\r\n\{.*?\}(?=HTTP|$)/g) ?? [];
    await expect.poll(() => all().length, { timeout: 20_000, interval: 2 }).toBe(count);
    for (const answer of all()) {
      const length = Buffer.byteLength(answer.slice(answer.indexOf('\r\n\r\n') + 4));
      expect(answer).toContain(`\r\nContent-Length: ${length}\r\n`);
      const [, date = ''] = /\r\nDate: (.*)\r\n/.exec(answer) ?? [];
      // Of bytes that are no request, node:http says no time.
      if (!answer.includes(' 200 ')) continue;
      expect(Math.abs(Date.now() - Date.parse(date))).toBeLessThan(60_000);
    }
    return all();
  }
}

export function request(
  data: unknown,
  { headers = [], channel = 'public:a' }: { headers?: string[]; channel?: string } = {},
): string {
  const body = JSON.stringify({ channel, event: 'e', data });
  return [
    'POST /live/api/publish HTTP/1.1',
    'Host: x',
    'Content-Type: application/json',
    `X-API-Key: ${API_KEY}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n');
}

/** An answer without what differs from one to the next. */
export function fixed(answer = ''): string {
  return answer
    .replace(/Date: .*/, 'Date: then')
    .replace(/"position":"[^"]*"/, '"position":"p"')
    .replace(/Content-Length: .*/, '');
}

export function positions(answers: readonly string[]): (string | undefined)[] {
  return answers.map((answer) => /"position":"\w+\.(\w+)"/.exec(answer)?.[1]);
}

/** Requests that `node:http` has read. */
export function readByNode(server: LiveServer): { count: number } {
  const seen = { count: 0 };
  server.running.server.on('request', (req) => {
    if (req instanceof IncomingMessage) seen.count += 1;
  });
  return seen;
}

/** Its first request is answered, and its socket taken from `node:http`. */
export async function onLane(server: LiveServer): Promise<{ publisher: Publisher; first: string; served: Socket }> {
  const connected: Promise<Socket[]> = once(server.running.server, 'connection');
  const publisher = new Publisher(server.port);
  const [served] = await connected;
  if (served === undefined) throw new Error('nobody is served');
  const [first = ''] = await publisher.ask(request(1));
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return { publisher, first, served };
}

/** Resolves once the server has read it all, so that whatever comes next is read apart from it. */
export async function writeAlone({ socket }: Publisher, served: Socket, bytes: string): Promise<void> {
  const due = served.bytesRead + Buffer.byteLength(bytes);
  socket.write(bytes);
  await expect.poll(() => served.bytesRead, { timeout: 5000, interval: 1 }).toBeGreaterThanOrEqual(due);
}

/** The memory engine; while it is held, appends wait, and then the first of them fails where an error is given. */
export function slowEngine(): Engine & { readonly isHeld: boolean; hold(): void; release(error?: Error): void } {
  const inner = memory();
  const { broker } = inner;
  let held: Promise<Error | undefined> | undefined;
  let open: (error?: Error) => void = () => {};
  const append: typeof broker.append = async (event) => {
    const waiting = held;
    const error = await waiting;
    if (error !== undefined) throw error;
    return broker.append(event);
  };
  return {
    name: inner.name,
    broker: {
      append,
      broadcast: (event) => broker.broadcast(event),
      read: (range) => broker.read(range),
      head: (channel) => broker.head(channel),
      follow: (channel, listener) => broker.follow(channel, listener),
    },
    health: () => inner.health(),
    close: () => inner.close(),
    get isHeld() {
      return held !== undefined;
    },
    hold: () => {
      held = new Promise((resolve) => {
        open = resolve;
      });
    },
    release: (error) => {
      open(error);
      held = undefined;
    },
  };
}
