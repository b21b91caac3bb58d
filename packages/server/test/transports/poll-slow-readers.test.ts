/** A client that asks and does not read: what it costs is bounded in bytes and in time, and nobody else notices. */
import { describe, expect, it } from 'vitest';
import { expectNothingOpen, RawClient, startLive } from './live-fixture.ts';
import { poll } from './poll-fixture.ts';

describe('a client that does not read its answers', () => {
  it('is cut after a while, and loses nothing: it asks again from the cursor that it has', {
    timeout: 60_000,
  }, async () => {
    await using running = await startLive({ limits: { deadMs: 3000 } });
    const { cursor } = await poll(running, 'channel=log:a');
    const payload = 'x'.repeat(50_000);
    for (let n = 0; n < 20; n += 1) await running.live.channel('log:a').publish('n', { n, payload });
    const query = `channel=log:a&cursor=${cursor}`;

    using slow = new RawClient(running.port);
    slow.socket.pause();
    // More than the kernel's buffers of both ends take.
    slow.send(`GET /live/poll?${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(200));
    // The answers lie in the socket; the hub has no part in it, and the channel no subscriber.
    await expect
      .poll(() => running.live.stats(), { timeout: 10_000 })
      .toMatchObject({ connections: 0, delivered: expect.toSatisfy((count: number) => count > 20) });
    expect(await serverSockets(running.server)).toBeGreaterThan(0);
    await expectNothingOpen(running);

    const seen: unknown[] = [];
    for (let at = { cursor, more: true }; at.more; ) {
      const answer = await poll(running, `channel=log:a&cursor=${at.cursor}`);
      seen.push(...answer.data.map((data) => Object(data).n));
      at = { cursor: answer.cursor, more: answer.more === true };
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => n));
  });
});

function serverSockets(server: { getConnections(done: (error: Error | null, count: number) => void): unknown }) {
  return new Promise<number>((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
