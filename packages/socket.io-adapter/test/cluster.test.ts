/** Several Socket.IO servers on one engine: what is emitted on one arrives at all, in one order. */
import { RawWebSocket } from '@fanfare/testkit';
import { io as connectTo } from 'socket.io-client';
import { describe, expect, it, vi } from 'vitest';
import { startIo, startTwo, TIMEOUT } from './io-support.ts';

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('two servers on one engine', () => {
  it('bring an event to every client of both, those of its own server included, in one order', async () => {
    await using servers = await startTwo();
    const { a, b } = servers;
    const clients = [
      await a.connect().connected(),
      await b.connect().connected(),
      await b.connect({ transports: ['polling'] }).connected(),
    ];

    for (const n of range(50)) (n % 2 === 0 ? a : b).io.emit('n', n);
    const heard = await Promise.all(clients.map((client) => client.got('n', 50)));

    expect([...(heard[0] ?? [])].sort((x, y) => Number(x) - Number(y))).toEqual(range(50));
    expect(heard[1]).toEqual(heard[0]);
    expect(heard[2]).toEqual(heard[0]);
    expect([...a.errors, ...b.errors]).toEqual([]);
  });

  it('know rooms, except, and who sends', async () => {
    await using servers = await startTwo();
    const { a, b } = servers;
    for (const { io } of [a, b])
      io.on('connection', (socket) =>
        socket.on('join', (room: string, done: () => void) => {
          void socket.join(room);
          done();
        }),
      );
    const [one, two, three] = [
      await a.connect().connected(),
      await b.connect().connected(),
      await b.connect().connected(),
    ];
    for (const client of [one, two]) await client.socket.emitWithAck('join', 'x');

    a.io.to('x').emit('to', 'room');
    a.io.except(two.socket.id ?? '').emit('to', 'others');
    b.io.sockets.sockets.get(two.socket.id ?? '')?.broadcast.emit('to', 'not the sender');
    a.io.emit('end');
    await Promise.all([one, two, three].map((client) => client.got('end', 1)));

    expect(one.of('to')).toEqual(['room', 'others', 'not the sender']);
    expect(two.of('to')).toEqual(['room']);
    expect(three.of('to')).toEqual(['others', 'not the sender']);
  });

  it('gather acknowledgements of all clients', async () => {
    await using servers = await startTwo();
    const { a, b } = servers;
    const clients = [await a.connect().connected(), await b.connect().connected()];
    for (const [index, { socket }] of clients.entries())
      socket.on('ask', (answer: (n: number) => void) => answer(index));

    const answers: unknown[] = await a.io.timeout(5000).emitWithAck('ask');

    expect([...answers].sort()).toEqual([0, 1]);
  });

  it('bring volatile events to whoever is there, and binary data as it was', async () => {
    await using servers = await startTwo();
    const { a, b } = servers;
    const client = await b.connect().connected();

    a.io.volatile.emit('v', 1);
    a.io.emit('bytes', { a: [Buffer.from([1, 2, 255])], text: 'x' });
    await client.got('v', 1);
    const [bytes] = await client.got('bytes', 1);

    expect(bytes).toEqual({ a: [Buffer.from([1, 2, 255])], text: 'x' });
  });

  it('find, move and disconnect sockets of each other', async () => {
    await using servers = await startTwo();
    const { a, b } = servers;
    const client = await b.connect().connected();
    await a.connect().connected();

    expect((await a.io.fetchSockets()).map(({ id }) => id)).toContain(client.socket.id);
    a.io.in(client.socket.id ?? '').socketsJoin('moved');
    await vi.waitFor(() => expect(b.io.of('/').adapter.rooms.get('moved')?.size).toBe(1), TIMEOUT);
    a.io.to('moved').emit('hi', 1);
    await client.got('hi', 1);
    a.io.in('moved').disconnectSockets(true);
    await vi.waitFor(() => expect(client.socket.connected).toBe(false), TIMEOUT);
  });

  it('talk to each other', async () => {
    await using servers = await startTwo();
    const { a, b } = servers;
    b.io.on('question', (text: string, answer: (text: string) => void) => answer(`${text}!`));

    expect(await a.io.serverSideEmitWithAck('question', 'there')).toEqual(['there!']);
  });

  it('keep namespaces apart, whatever their names', async () => {
    await using server = await startIo();
    const names = ['/', '/admin', '/một-hai', `/${'x'.repeat(200)}`];
    for (const name of names) server.io.of(name);
    const sockets = names.map((name) =>
      connectTo(`http://127.0.0.1:${server.port}${name}`, { transports: ['websocket'], forceNew: true }),
    );
    const heard: string[][] = names.map(() => []);
    for (const [index, socket] of sockets.entries()) socket.on('hi', (name: string) => heard[index]?.push(name));
    await vi.waitFor(() => expect(sockets.every(({ connected }) => connected)).toBe(true), TIMEOUT);

    for (const name of names) server.io.of(name).emit('hi', name);
    await vi.waitFor(() => expect(heard).toEqual(names.map((name) => [name])), TIMEOUT);
    for (const socket of sockets) socket.disconnect();
  });

  it("tell what the application throws at a room, which is Socket.IO's own then, and go on", async () => {
    const channelOf = (room: string): string => {
      if (room === 'odd') throw new RangeError('no room of ours');
      return `room:${room.length}`;
    };
    await using server = await startIo({ adapter: { channelOf } });
    server.io.on('connection', (socket) => void socket.join(['odd', 'even']));
    const client = await server.connect().connected();

    server.io.to('odd').emit('said', 1);
    server.io.to('even').emit('said', 2);

    expect([...(await client.got('said', 2))].sort()).toEqual([1, 2]);
    expect(server.errors).toContainEqual(new RangeError('no room of ours'));
  });

  it('tell what cannot be published, and go on', async () => {
    await using server = await startIo();
    const client = await server.connect().connected();

    server.io.emit('large', 'x'.repeat(100_000));
    await vi.waitFor(() => expect(server.errors.length).toBe(1), TIMEOUT);
    server.io.emit('small', 1);

    await client.got('small', 1);
    expect(String(server.errors[0])).toMatch(/larger|large/i);
    expect(client.of('large')).toEqual([]);
  });
});

describe('a socket', () => {
  it('is a connection of the hub: counted, named, and ended by operators', async () => {
    await using server = await startIo({
      adapter: { identityOf: ({ handshake }) => ({ subject: String(handshake.auth['user']), roles: [] }) },
    });
    const client = await server.connect({ auth: { user: 'user-7' } }).connected();
    const own = () => server.live.connections().filter(({ label }) => label === 'socket.io');
    await vi.waitFor(() => expect(own()).toMatchObject([{ identity: 'user-7', address: '127.0.0.1' }]), TIMEOUT);

    server.live.disconnect(({ identity }) => identity === 'user-7');
    await vi.waitFor(() => expect(client.socket.connected).toBe(false), TIMEOUT);
    expect(client.socket.active).toBe(false);
    await vi.waitFor(() => expect(own()).toEqual([]), TIMEOUT);
  });

  it('that is told to come back, does: a drain looks like any other minute', async () => {
    await using server = await startIo();
    const client = await server.connect().connected();
    const reasons: string[] = [];
    client.socket.on('disconnect', (reason) => reasons.push(reason));

    server.live.disconnect(({ label }) => label === 'socket.io', 'maxAge');

    await vi.waitFor(() => expect(reasons).toEqual(['transport close']), TIMEOUT);
    await client.connected();
  });

  it('that does not read is sent away before it fills the memory, whatever is emitted', async () => {
    await using server = await startIo();
    const well = await server.connect().connected();
    const slow = new RawWebSocket({
      port: server.port,
      path: '/socket.io/?EIO=4&transport=websocket',
      isForeign: true,
    });
    await vi.waitFor(() => expect(slow.texts.length).toBe(1), TIMEOUT);
    slow.send('40');
    await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(2), TIMEOUT);
    slow.socket.pause();

    let emitted = 0;
    for (; emitted < 2000 && server.io.sockets.sockets.size > 1; emitted += 1) {
      server.io.emit('large', 'x'.repeat(50_000));
      await well.got('large', emitted + 1);
    }

    expect(server.io.sockets.sockets.size).toBe(1);
    expect(well.socket.connected).toBe(true);
    slow.socket.destroy();
  });
});
