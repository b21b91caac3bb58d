/** A connection that publishes is read past `node:http` after its first request: nobody may tell by anything but the time. */
import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Engine, EngineUnavailable } from '../../src/core/index.ts';
import { memory } from '../../src/index.ts';
import { API_KEY, type LiveServer, startLive } from './live-fixture.ts';

/** A publisher on one socket, which says exactly what it is told to. */
class Publisher implements Disposable {
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

  async answers(count: number): Promise<string[]> {
    const all = (): string[] => this.received.match(/HTTP\/1\.1 (?:.+\r\n)+\r\n\{.*?\}(?=HTTP|$)/g) ?? [];
    await expect.poll(() => all().length, { timeout: 5000, interval: 2 }).toBe(count);
    return all();
  }
}

function request(
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

const fixed = (answer = ''): string =>
  answer
    .replace(/Date: .*/, 'Date: then')
    .replace(/"position":"[^"]*"/, '"position":"p"')
    .replace(/Content-Length: .*/, '');
const positions = (answers: readonly string[]): (string | undefined)[] =>
  answers.map((answer) => /"position":"\w+\.(\w+)"/.exec(answer)?.[1]);

/** Requests that `node:http` has read. */
function readByNode(server: LiveServer): { count: number } {
  const seen = { count: 0 };
  server.running.server.on('request', (req) => {
    if (req instanceof IncomingMessage) seen.count += 1;
  });
  return seen;
}

/** Its first request is answered, and its socket taken from `node:http`. */
async function onLane(server: LiveServer): Promise<{ publisher: Publisher; first: string; served: Socket }> {
  const connected: Promise<Socket[]> = once(server.running.server, 'connection');
  const publisher = new Publisher(server.port);
  const [served] = await connected;
  if (served === undefined) throw new Error('nobody is served');
  const [first = ''] = await publisher.ask(request(1));
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return { publisher, first, served };
}

/** Resolves once the server has read it all, so that whatever comes next is read apart from it. */
async function writeAlone({ socket }: Publisher, served: Socket, bytes: string): Promise<void> {
  const due = served.bytesRead + Buffer.byteLength(bytes);
  socket.write(bytes);
  await expect.poll(() => served.bytesRead, { timeout: 5000, interval: 1 }).toBeGreaterThanOrEqual(due);
}

/** The memory engine; while it is held, appends wait, and then the first of them fails where an error is given. */
function slowEngine(): Engine & { hold(): void; release(error?: Error): void } {
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

describe('a connection that publishes', () => {
  it('is read by node:http once, and answered with the same bytes ever after', async () => {
    await using server = await startLive();
    const seen = readByNode(server);
    const { publisher, first } = await onLane(server);
    using _ = publisher;

    for (let n = 2; n <= 40; n += 1) {
      const [answer] = await publisher.ask(request('x'.repeat(n * n)));
      expect(fixed(answer)).toBe(fixed(first));
      expect(positions([answer ?? ''])).toEqual([n.toString(36)]);
    }

    expect(seen.count).toBe(1);
    expect(first).toMatch(/\r\nDate: .* GMT\r\n/);
  });

  it('gets every refusal as node:http would have sent it, and publishes on', async () => {
    await using server = await startLive();
    const { publisher } = await onLane(server);
    using _ = publisher;
    using other = new Publisher(server.port);
    const without = (answer = ''): string => fixed(answer).replace(/Keep-Alive: .*\r\n/, '');

    for (const bad of [request(1, { channel: 'nobody:knows' }), request(2, { channel: 'not a name' })]) {
      const [answer] = await publisher.ask(bad);
      expect(without(answer)).toBe(without((await other.ask(bad))[0]));
      expect(positions(await publisher.ask(request(3)))).not.toContain(undefined);
    }
  });

  it('answers requests that were sent without waiting, or in pieces, in their order', async () => {
    await using server = await startLive();
    const { publisher, served } = await onLane(server);
    using _ = publisher;

    expect(positions(await publisher.ask(request(2) + request(3) + request(4), 3))).toEqual(['2', '3', '4']);
    const whole = request('in pieces');
    publisher.received = '';
    await writeAlone(publisher, served, whole.slice(0, 40));
    expect(positions(await publisher.ask(whole.slice(40)))).toEqual(['5']);
    expect(positions(await publisher.ask(request(6)))).toEqual(['6']);
  });

  it('is judged anew as soon as a head is another one', async () => {
    await using server = await startLive();
    const seen = readByNode(server);
    const other = {
      'another key': [request(2).replace(API_KEY, 'wrong-key-of-the-backend'), '401'],
      'another header': [request(2, { headers: ['Origin: https://evil.example'] }), '403'],
      'a second length': [request(2, { headers: ['Content-Length: 5'] }), '400'],
      'a transfer coding': [request(2, { headers: ['Transfer-Encoding: chunked'] }), '400'],
      'another path': [request(2).replace('/publish', '/nothing'), '404'],
      'another method': [request(2).replace('POST', 'PUT'), '405'],
      'a length with a sign': [request(2).replace(/Content-Length: /, 'Content-Length: +'), '400'],
    } as const;

    for (const [what, [bytes, status]] of Object.entries(other)) {
      const { publisher } = await onLane(server);
      using _ = publisher;
      const [answer] = await publisher.ask(bytes);
      expect(`${what}: ${answer?.slice(9, 12)}`).toBe(`${what}: ${status}`);
    }
    expect(seen.count).toBeGreaterThan(7);
  });

  it('is no place for others than who holds the key of the server, and none where requests are logged', async () => {
    await using logging = await startLive({ logRequests: true });
    const seen = readByNode(logging);
    const { publisher } = await onLane(logging);
    using _ = publisher;

    await publisher.ask(request(2));

    expect(seen.count).toBe(2);
  });

  it('that asks on while the engine takes its time is answered in order, and after a failure too', async () => {
    const engine = slowEngine();
    await using server = await startLive({ engine });
    const { publisher, served } = await onLane(server);
    using _ = publisher;
    engine.hold();
    publisher.received = '';

    for (const n of [2, 3]) await writeAlone(publisher, served, request(n));
    expect(publisher.received).toBe('');
    engine.release();
    expect(positions(await publisher.answers(2))).toEqual(['2', '3']);

    engine.hold();
    publisher.received = '';
    for (const n of [4, 5]) await writeAlone(publisher, served, request(n));
    engine.release(new EngineUnavailable('The disk is full.'));
    const [failed, next] = await publisher.answers(2);
    expect(failed).toContain(' 503 ');
    expect(positions([next ?? ''])).toEqual(['4']);
  });

  it('ends when the server does, at once where nothing is asked', async () => {
    const server = await startLive();
    const { publisher } = await onLane(server);
    using _ = publisher;
    const ended = once(publisher.socket, 'end');

    await server.running.close();

    await ended;
  });

  it('that breaks off takes nothing along', async () => {
    await using server = await startLive();
    const { publisher } = await onLane(server);
    publisher.socket.write(request(2));
    publisher.socket.resetAndDestroy();

    const { publisher: next } = await onLane(server);
    using _ = next;
    expect(positions(await next.ask(request(3)))).not.toContain(undefined);
  });
});
