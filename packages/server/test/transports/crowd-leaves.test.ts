/** Peers that go together: nobody else waits for the last of them. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { startLive } from './live-fixture.ts';

const COUNT = 700;
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

it.each([
  ['WebSockets', '/live/ws', UPGRADE],
  ['SSE connections', '/live/sse?channel=log:a', ''],
])('%s that close their half at once are let go 200 a turn of the loop', async (_, path, headers) => {
  await using server = await startLive({
    limits: { connectsPerSecond: 10_000, connectsPerSecondPerAddress: 10_000, maxConnectionsPerAddress: 10_000 },
  });
  server.live.attach(server.server);
  const sockets: Socket[] = [];
  for (let n = 0; n < COUNT; n += 1) sockets.push(connect({ port: server.port, host: '127.0.0.1' }));
  for (const socket of sockets) socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
  await Promise.all(sockets.map((socket) => once(socket, 'data')));
  await vi.waitUntil(() => server.live.stats().connections === COUNT);

  // Their ends are sent in this turn, so that the server reads them all in the next.
  for (const socket of sockets) socket.end();
  const left: number[] = [];
  while (server.live.stats().connections > 0) {
    const before = server.live.stats().connections;
    await nextTurn();
    left.push(before - server.live.stats().connections);
  }

  expect(left.reduce((sum, count) => sum + count, 0)).toBe(COUNT);
  // Between two of our looks lie two slices: the poll's own, and the one that follows it.
  expect(Math.max(...left)).toBeLessThanOrEqual(400);
});
