/** A crowd in front of a server: served in slices, while others are heard beside it. */
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { FakeClock } from '@fanfare/testkit';
import { expect, it, vi } from 'vitest';
import { Front } from '../../src/http/front/front.ts';
import { rawConnection } from './http-fixture.ts';

const COUNT = 60;
const SSE = 'GET /live/sse?channel=public:a HTTP/1.1\r\nHost: x\r\n\r\n';
const WAIT = { timeout: 20_000, interval: 10 };

/** Whenever it is asked, the time of this turn is over. */
class LateClock extends FakeClock {
  #now = 0;

  override now(): number {
    this.#now += 1000;
    return this.#now;
  }
}

interface Fronted extends AsyncDisposable {
  readonly clock: LateClock;
  readonly front: Front;
  readonly port: number;
  /** Served before `node:http`. */
  readonly served: Socket[];
  /** Connections that were handed on. */
  readonly handed: Socket[];
  /** All connections. */
  readonly arrived: Socket[];
  /** Bytes that they have brought. */
  heard(): number;
}

async function fronted(headersTimeoutMs = 60_000): Promise<Fronted> {
  const clock = new LateClock();
  const served: Socket[] = [];
  const handed: Socket[] = [];
  const arrived: Socket[] = [];
  const server: Server = createServer((_, res) => res.end('answered'));
  const [listener] = server.listeners('connection');
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    handed.push(socket);
    if (listener !== undefined) Reflect.apply(listener, server, [socket]);
  });
  const front = Front.before(server, {
    serve: ({ socket }) => {
      served.push(socket);
      return true;
    },
    ...{ maxHeaderBytes: 16_384, headersTimeoutMs, clock },
  });
  if (front === undefined) throw new Error('no front');
  server.on('connection', (socket: Socket) => arrived.push(socket));
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
  return {
    ...{ clock, front, port, served, handed, arrived },
    heard: () => arrived.reduce((sum, socket) => sum + socket.bytesRead, 0),
    async [Symbol.asyncDispose]() {
      front.close();
      for (const socket of arrived) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const crowdOf = (port: number, text: string, count = COUNT): Socket[] =>
  Array.from({ length: count }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(text);
    return socket;
  });

it('a crowd is served in slices, and a request beside it is answered before the crowd is through', async () => {
  await using server = await fronted();
  const crowd = crowdOf(server.port, SSE);
  await vi.waitUntil(() => server.heard() === COUNT * SSE.length, WAIT);
  const sizes = [server.served.length];

  const other = rawConnection(server.port, 'GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const answer = await other.ended;
  const meanwhile = server.served.length;
  for (let turns = 0; turns < COUNT && server.served.length < COUNT; turns += 1) {
    const before = server.served.length;
    server.clock.turn();
    sizes.push(server.served.length - before);
  }

  expect(answer).toContain('answered');
  expect(meanwhile).toBeLessThanOrEqual(16);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(16);
  expect(new Set(server.served).size).toBe(COUNT);
  for (const socket of crowd) socket.destroy();
});

it('requests for node:http that come at once are handed on in slices, whole', async () => {
  await using server = await fronted();
  const request = 'GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
  const crowd = Array.from({ length: COUNT }, () => rawConnection(server.port, request));
  await vi.waitUntil(() => server.heard() === COUNT * request.length, WAIT);
  const before = server.handed.length;

  for (let turns = 0; turns < COUNT; turns += 1) server.clock.turn();
  const answers = await Promise.all(crowd.map(({ ended }) => ended));

  expect(before).toBeLessThanOrEqual(16);
  expect(answers.filter((answer) => answer.includes('answered'))).toHaveLength(COUNT);
});

it('who leaves while it waits is not served, and who waits when the server ends is cut', async () => {
  await using server = await fronted();
  const crowd = crowdOf(server.port, SSE);
  await vi.waitUntil(() => server.heard() === COUNT * SSE.length, WAIT);
  const early = server.served.length;

  let cut = 0;
  for (const socket of crowd) socket.on('close', () => (cut += 1));
  server.front.close();
  await vi.waitUntil(() => cut === COUNT - early, WAIT);
  for (let turns = 0; turns < COUNT; turns += 1) server.clock.turn();

  expect(server.served).toHaveLength(early);
  for (const socket of crowd) socket.destroy();
});

it('those who say nothing go to node:http in slices', async () => {
  await using server = await fronted();
  const crowd = crowdOf(server.port, '', 250);
  await vi.waitUntil(() => server.arrived.length === 250, WAIT);

  const sizes: number[] = [];
  let before = 0;
  await vi.waitUntil(() => {
    server.clock.turn();
    sizes.push(server.handed.length - before);
    before = server.handed.length;
    return before === 250;
  }, WAIT);

  expect(Math.max(...sizes)).toBeLessThanOrEqual(200);
  for (const socket of crowd) socket.destroy();
});
