/** Rooms that are channels of the hub: who is in one follows it, over whatever transport, at its own pace. */
import { RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { range, startIo, TIMEOUT, withJoin } from './io-support.ts';

describe('a room that is a channel', () => {
  it('is heard by sockets whoever publishes, and by everybody where a server emits to it', async () => {
    await using server = await startIo();
    withJoin(server);
    const client = await server.connect().connected();
    await client.socket.emitWithAck('join', 'room:a');

    await server.live.channel('room:a').publish('said', { n: 1 });
    server.io.to('room:a').emit('said', { n: 2 });

    expect(await client.got('said', 2)).toEqual([{ n: 1 }, { n: 2 }]);
    const page = await server.live.channel('room:a').history();
    expect(page).toMatchObject({
      events: [
        { event: 'said', data: { n: 1 } },
        { event: 'said', data: { n: 2 } },
      ],
    });
    expect(server.live.channels().find(({ channel }) => channel === 'room:a')?.subscribers).toBe(1);
    await client.socket.emitWithAck('leave', 'room:a');
    await vi.waitFor(
      () => expect(server.live.channels().find(({ channel }) => channel === 'room:a')).toBeUndefined(),
      TIMEOUT,
    );
  });

  it('is followed over polling, in order, at the pace of the client', async () => {
    await using server = await startIo();
    withJoin(server);
    const client = await server.connect({ transports: ['polling'] }).connected();
    await client.socket.emitWithAck('join', 'room:a');

    for (const n of range(0, 300)) await server.live.channel('room:a').publish('said', n);

    expect(await client.got('said', 300)).toEqual(range(0, 300));
  });

  it('ends a socket that does not read, which resumes, and keeps nothing for it beyond the bound', async () => {
    await using server = await startIo();
    withJoin(server);
    const slow = new RawWebSocket({
      port: server.port,
      path: '/socket.io/?EIO=4&transport=websocket',
      isForeign: true,
    });
    await vi.waitFor(() => expect(slow.texts.length).toBe(1), TIMEOUT);
    slow.send('40');
    await vi.waitFor(() => expect(slow.texts.at(-1)).toMatch(/^40/), TIMEOUT);
    slow.send('421["join","room:a"]');
    await vi.waitFor(() => expect(slow.texts.at(-1)).toBe('431[]'), TIMEOUT);
    slow.socket.pause();

    for (let n = 0; n < 2000 && server.live.stats().slowConsumers === 0; n += 1) {
      await server.live.channel('room:a').publish('said', 'x'.repeat(50_000));
      // Events leave at the end of a turn.
      await new Promise((resolve) => setImmediate(resolve));
    }

    expect(server.live.stats().slowConsumers).toBe(1);
    await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(0), TIMEOUT);
    slow.socket.destroy();
  });
});
