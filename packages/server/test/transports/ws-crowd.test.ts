/** WebSockets that all have something to say at once: nobody else waits for the last of them. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { startLive } from './live-fixture.ts';

const COUNT = 700;
const REQUEST =
  'GET /live/ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

afterEach(() => {
  vi.restoreAllMocks();
});

it('WebSockets that subscribe at once are heard in slices, all of them in the end', async () => {
  await using server = await startLive({
    limits: { connectsPerSecond: 10_000, connectsPerSecondPerAddress: 10_000, maxConnectionsPerAddress: 10_000 },
  });
  server.live.attach(server.server);
  const sockets = Array.from({ length: COUNT }, () => connect({ port: server.port, host: '127.0.0.1' }));
  for (const socket of sockets) socket.write(REQUEST);
  await Promise.all(sockets.map((socket) => once(socket, 'data')));
  // Whenever it is asked, the time of this turn is over.
  const startedAt = performance.now();
  let looks = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    looks += 1;
    return startedAt + looks * 9;
  });

  const subscribe = maskedText(JSON.stringify({ type: 'subscribe', channel: 'log:a' }));
  for (const socket of sockets) socket.write(subscribe);
  const heard: number[] = [];
  for (let turns = 0; turns < 10_000 && server.live.stats().subscriptions < COUNT; turns += 1) {
    const before = server.live.stats().subscriptions;
    await nextTurn();
    heard.push(server.live.stats().subscriptions - before);
  }
  expect(server.live.stats().subscriptions).toBe(COUNT);
  for (const socket of sockets) socket.destroy();

  // Between two of our looks lie two slices: the poll's own, and the one that follows it.
  expect(Math.max(...heard)).toBeLessThanOrEqual(2 * 16);
});

/** A text frame as clients send it: short, and masked with zeros. */
function maskedText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
}
