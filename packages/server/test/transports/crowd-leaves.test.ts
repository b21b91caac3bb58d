/** Peers that go together: nobody else waits for the last of them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { startLive } from './live-fixture.ts';

const COUNT = 1000;
/** Between two of our looks lie two slices of 200: the poll's own, and the one that follows it. */
const MOST_A_LOOK = 400;
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

interface Crowd extends AsyncDisposable {
  /** The client's. */
  readonly peers: readonly Socket[];
  /** The server's. */
  readonly served: readonly Socket[];
  /** Resolves with how many had gone at each look, once all have. */
  gone(): Promise<readonly number[]>;
}

async function crowd(path: string, headers: string): Promise<Crowd> {
  const server = await startLive({
    limits: { connectsPerSecond: 10_000, connectsPerSecondPerAddress: 10_000, maxConnectionsPerAddress: 10_000 },
  });
  server.live.attach(server.server);
  const served: Socket[] = [];
  server.server.on('connection', (socket: Socket) => served.push(socket));
  const peers: Socket[] = [];
  for (let n = 0; n < COUNT; n += 1) peers.push(connect({ port: server.port, host: '127.0.0.1' }));
  for (const socket of peers) socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  await Promise.all(peers.map((socket) => once(socket, 'data')));
  await vi.waitUntil(() => server.live.stats().connections === COUNT);
  return {
    ...{ peers, served },
    async gone() {
      const left: number[] = [];
      while (server.live.stats().connections > 0) {
        const before = server.live.stats().connections;
        await nextTurn();
        left.push(before - server.live.stats().connections);
      }
      return left;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe.each([
  ['WebSockets', '/live/ws', UPGRADE],
  ['SSE connections', '/live/sse?channel=log:a', ''],
])('%s that leave at once', (_, path, headers) => {
  // What leaves in this turn the server reads in the next, all of it.
  it.each([
    ['close their half', (peer: Socket) => peer.end()],
    ['reset', (peer: Socket) => peer.resetAndDestroy()],
  ])('and %s are let go 200 a turn of the loop', async (_how, leave) => {
    await using all = await crowd(path, headers);

    for (const peer of all.peers) leave(peer);
    const left = await all.gone();

    expect(left.reduce((sum, count) => sum + count, 0)).toBe(COUNT);
    expect(Math.max(...left)).toBeLessThanOrEqual(MOST_A_LOOK);
  });

  it('keep the stream of hardly anyone busy with its end', async () => {
    await using all = await crowd(path, headers);

    for (const peer of all.peers) peer.end();
    await all.gone();
    const told = all.served.filter((socket) => socket.readableEnded);

    expect(all.served.every((socket) => socket.destroyed)).toBe(true);
    // One poll may bring the ends in two parts; without the shorter way all of them are told.
    expect(told.length).toBeLessThanOrEqual(COUNT / 2);
  });
});
