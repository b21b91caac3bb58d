/** Volatile: for those alone who are there and can take it at once. Not kept, not brought again, and nobody is sent away for it. */
import { RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { type IoServer, startIo, startTwo, TIMEOUT } from './io-support.ts';

function withJoin({ io }: IoServer): void {
  io.on('connection', (socket) =>
    socket.on('join', async (room: string, done: () => void) => {
      await socket.join(room);
      done();
    }),
  );
}

/** A client that can stop reading, in the rooms `own` and `room:a`. */
async function pausable(server: IoServer): Promise<RawWebSocket> {
  const peer = new RawWebSocket({
    ...{ port: server.port, path: '/socket.io/?EIO=4&transport=websocket', isForeign: true },
  });
  await vi.waitFor(() => expect(peer.texts.length).toBe(1), TIMEOUT);
  peer.send('40');
  await vi.waitFor(() => expect(peer.texts.at(-1)).toMatch(/^40/), TIMEOUT);
  for (const room of ['own', 'room:a']) {
    peer.send(`421["join","${room}"]`);
    await vi.waitFor(() => expect(peer.texts.filter((text) => text === '431[]')).toHaveLength(1), TIMEOUT);
    peer.texts.length = 0;
  }
  return peer;
}

describe('a volatile event', () => {
  it('is not brought to who was away, whatever it was sent to, and is in no history', async () => {
    await using servers = await startTwo();
    const { a, b } = servers;
    withJoin(a);
    const client = await a.connect().connected();
    const { id = '' } = client.socket;
    for (const room of ['own', 'room:a']) await client.socket.emitWithAck('join', room);
    const ways = [a, b].flatMap(({ io }) => [
      (text: string) => io.volatile.emit('volatile', text),
      ...['own', 'room:a', id].map((room) => (text: string) => io.to(room).volatile.emit('volatile', text)),
    ]);
    ways.push((text) => a.io.sockets.sockets.get(id)?.volatile.emit('volatile', text) ?? false);
    // One after the other: the second of a turn finds the wire busy.
    for (const [index, emit] of ways.entries()) {
      emit('there');
      await client.got('volatile', index + 1);
    }
    a.io.emit('kept', 0);
    await client.got('kept', 1);

    client.socket.io.reconnection(false);
    client.cut();
    await vi.waitFor(() => expect(a.io.sockets.sockets.size).toBe(0), TIMEOUT);
    for (const emit of ways) emit('away');
    for (const room of ['own', 'room:a', id]) b.io.to(room).emit('kept', room);
    client.socket.io.reconnection(true);
    client.socket.connect();
    await client.connected();

    expect([...(await client.got('kept', 4))].sort()).toEqual([0, 'own', 'room:a', id].sort());
    a.io.emit('end', 1);
    await client.got('end', 1);
    expect(client.socket.recovered).toBe(true);
    expect(client.of('volatile')).toEqual(Array(9).fill('there'));
    expect(await a.live.channel('room:a').history()).toMatchObject({ events: [{ event: 'kept' }] });
  });

  it.each([['own'], ['room:a']])('to %s is dropped for one that does not read, who stays', async (room) => {
    await using server = await startIo();
    withJoin(server);
    const well = await server.connect().connected();
    await well.socket.emitWithAck('join', room);
    using slow = await pausable(server);
    slow.socket.pause();
    const sent = 300;
    const large = 'x'.repeat(50_000);
    for (let n = 0; n < sent; n += 1) {
      server.io.to(room).volatile.emit('v', n, large);
      await well.got('v', n + 1);
    }

    expect(server.io.sockets.sockets.size).toBe(2);
    slow.socket.resume();
    server.io.emit('end', 1);
    await vi.waitFor(() => expect(slow.texts.at(-1)).toMatch(/^42\["end"/), TIMEOUT);
    const heard = slow.texts.flatMap((text) => /^42\["v",(\d+)/.exec(text)?.[1] ?? []).map(Number);
    expect(heard.length).toBeLessThan(sent);
    expect(heard).toEqual([...heard].sort((x, y) => x - y));
    expect(server.live.stats().slowConsumers).toBe(0);
    // The same that is not volatile is kept for it, and ends it.
    slow.socket.pause();
    for (let n = 0; n < 2000 && server.io.sockets.sockets.size > 1; n += 1) {
      server.io.emit('kept', large);
      await well.got('kept', n + 1);
    }
    expect(server.live.stats().slowConsumers).toBe(1);
  });

  it('of a stock client that is not connected is not sent when it is, and anything else is', async () => {
    await using server = await startIo();
    const heard: unknown[] = [];
    server.io.on('connection', (socket) => socket.on('said', (text: unknown) => heard.push(text)));
    const client = server.connect({ autoConnect: false });
    client.socket.volatile.emit('said', 'volatile, before');
    client.socket.emit('said', 'before');
    client.socket.connect();
    client.socket.volatile.emit('said', 'volatile, meanwhile');
    await client.connected();
    await vi.waitFor(() => expect(heard).toHaveLength(1), TIMEOUT);
    client.socket.volatile.emit('said', 'volatile, there');

    await vi.waitFor(() => expect(heard.at(-1)).toBe('volatile, there'), TIMEOUT);
    expect(heard).toEqual(['before', 'volatile, there']);
  });
});

describe('what a server says past the hub', () => {
  it.each([
    ['acknowledgements', '421["ask"]'],
    ['events to one socket', '42["tell"]'],
  ])('to one that asks and does not read is bounded: %s', async (_, question) => {
    await using server = await startIo();
    withJoin(server);
    const large = 'x'.repeat(50_000);
    server.io.on('connection', (socket) => {
      socket.on('ask', (done: (text: string) => void) => done(large));
      socket.on('tell', () => server.io.local.to(socket.id).emit('told', large));
    });
    using slow = await pausable(server);
    slow.socket.pause();

    for (let n = 0; n < 3000 && server.io.sockets.sockets.size > 0; n += 1) {
      slow.send(question);
      await new Promise((resolve) => setImmediate(resolve));
    }

    await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(0), TIMEOUT);
    expect(server.live.stats().slowConsumers).toBe(1);
  });

  it('to this server alone is not kept, and tells a client where it stands', async () => {
    await using server = await startIo();
    const client = await server.connect().connected();
    server.io.local.emit('local', 0);
    await client.got('local', 1);
    client.socket.io.reconnection(false);
    client.cut();
    await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(0), TIMEOUT);
    server.io.local.emit('local', 1);
    server.io.emit('kept', 1);
    client.socket.io.reconnection(true);
    client.socket.connect();

    expect(await client.got('kept', 1)).toEqual([1]);
    expect(client.socket.recovered).toBe(true);
    expect(client.of('local')).toEqual([0]);
  });
});
