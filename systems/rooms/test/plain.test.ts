/** The contract of `/ws`, message by message in both directions, with a stock `ws` as client. */
import { describe, expect, it, vi } from 'vitest';
import { startRooms, TIMEOUT } from './rooms-support.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const timestamp = expect.stringMatching(ISO);

describe('a client of /ws', () => {
  it('is welcomed with its id', async () => {
    await using server = await startRooms();
    using client = server.connect();

    expect(await client.next()).toEqual({
      type: 'welcome',
      clientId: expect.stringMatching(/^\d{13}-[0-9a-f]+$/),
      message: 'Connected to WebSocket server',
      timestamp,
    });
  });

  it('gets a pong for a ping', async () => {
    await using server = await startRooms();
    using client = await server.connect().welcomed();

    expect(await client.ask({ type: 'ping' })).toEqual({ type: 'pong', timestamp });
  });

  it.each(['Hello', '', 'xin chào 👋', 7, null, false, { a: [1, { b: 2 }] }])(
    'gets back what it echoes: %j',
    async (message) => {
      await using server = await startRooms();
      using client = await server.connect().welcomed();

      expect(await client.ask({ type: 'echo', message })).toEqual({ type: 'echo', original: message, timestamp });
    },
  );

  it('reaches every client by a broadcast, itself included', async () => {
    await using server = await startRooms();
    using an = await server.connect().welcomed();
    using binh = await server.connect().welcomed();
    // Their requests are done in turn: after an answer a client hears broadcasts.
    await Promise.all([an.ask({ type: 'ping' }), binh.ask({ type: 'ping' })]);

    an.send({ type: 'broadcast', message: { text: 'xin chào' } });

    const expected = { type: 'broadcast', from: an.clientId, message: { text: 'xin chào' }, timestamp };
    expect(await an.next()).toEqual(expected);
    expect(await binh.next()).toEqual(expected);
  });

  it('joins a room, talks in it, and leaves it', async () => {
    await using server = await startRooms();
    using an = await server.connect().welcomed();
    using binh = await server.connect().welcomed();
    using chi = await server.connect().welcomed();
    const joined = { type: 'room-joined', room: 'dashboard', timestamp, position: expect.any(String) };

    expect(await an.ask({ type: 'join-room', room: 'dashboard' })).toEqual({ ...joined, members: 1 });
    expect(await binh.ask({ type: 'join-room', room: 'dashboard' })).toEqual({ ...joined, members: 2 });
    an.send({ type: 'room-message', room: 'dashboard', message: 'one' });
    const heard = { type: 'room-message', room: 'dashboard', from: an.clientId, message: 'one', timestamp };
    const withPosition = { ...heard, position: expect.any(String) };
    expect([await an.next(), await binh.next()]).toEqual([withPosition, withPosition]);

    expect(await binh.ask({ type: 'leave-room', room: 'dashboard' })).toEqual({
      type: 'room-left',
      room: 'dashboard',
      timestamp,
    });
    an.send({ type: 'room-message', room: 'dashboard', message: 'two' });
    expect(await an.next()).toMatchObject({ message: 'two' });
    expect((await binh.ask({ type: 'ping' })).type).toBe('pong');
    expect((await chi.ask({ type: 'ping' })).type).toBe('pong');
    expect([binh, chi].flatMap(({ messages }) => messages.filter(({ message }) => message === 'two'))).toEqual([]);
  });

  it('has its messages done in their order, without waiting for answers', async () => {
    await using server = await startRooms();
    using client = await server.connect().welcomed();

    client.send({ type: 'join-room', room: 'a' });
    for (let n = 0; n < 20; n += 1) client.send({ type: 'room-message', room: 'a', message: n });
    client.send({ type: 'leave-room', room: 'a' });
    client.send({ type: 'ping' });

    await vi.waitFor(() => expect(client.messages.at(-1)?.type).toBe('pong'), TIMEOUT);
    const [, joined, ...rest] = client.messages;
    expect(joined?.type).toBe('room-joined');
    expect(rest.slice(0, 20).map(({ message }) => message)).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(rest.slice(20).map(({ type }) => type)).toEqual(['room-left', 'pong']);
  });

  it('may join twice and leave where it is not: neither is a mistake', async () => {
    await using server = await startRooms();
    using client = await server.connect().welcomed();
    await client.ask({ type: 'join-room', room: 'a' });

    expect(await client.ask({ type: 'join-room', room: 'a' })).toEqual({
      type: 'room-joined',
      room: 'a',
      members: 1,
      timestamp,
    });
    expect(await client.ask({ type: 'leave-room', room: 'b' })).toEqual({ type: 'room-left', room: 'b', timestamp });
    client.send({ type: 'room-message', room: 'a', message: 1 });
    expect(await client.next()).toMatchObject({ message: 1 });
  });

  it('gets what it missed when it comes back with `since`, once and in order', async () => {
    await using server = await startRooms();
    using an = await server.connect().welcomed();
    using binh = await server.connect().welcomed();
    await an.ask({ type: 'join-room', room: 'a' });
    await binh.ask({ type: 'join-room', room: 'a' });
    an.send({ type: 'room-message', room: 'a', message: 0 });
    const { position } = await binh.next();
    binh.socket.terminate();
    for (let n = 1; n <= 5; n += 1) an.send({ type: 'room-message', room: 'a', message: n });
    await vi.waitFor(() => expect(an.messages.at(-1)).toMatchObject({ message: 5 }), TIMEOUT);

    using again = await server.connect().welcomed();
    const joined = await again.ask({ type: 'join-room', room: 'a', since: position });
    const missed = [];
    for (let n = 0; n < 5; n += 1) missed.push((await again.next())['message']);
    an.send({ type: 'room-message', room: 'a', message: 'live' });

    expect(joined).toMatchObject({ type: 'room-joined', recovered: true });
    expect(missed).toEqual([1, 2, 3, 4, 5]);
    expect(await again.next()).toMatchObject({ message: 'live' });
  });

  it('is told where what it missed is gone', async () => {
    await using server = await startRooms({ rooms: { keep: { count: 2 } }, live: { limits: { recentEvents: 2 } } });
    using client = await server.connect().welcomed();
    const { position } = await client.ask({ type: 'join-room', room: 'a' });
    for (let n = 0; n < 5; n += 1) await server.live.channel('room:a').publish('room-message', { message: n });
    await client.ask({ type: 'leave-room', room: 'a' });
    await vi.waitFor(() => expect(client.messages.at(-1)?.type).toBe('room-left'), TIMEOUT);

    using again = await server.connect().welcomed();
    expect(await again.ask({ type: 'join-room', room: 'a', since: position })).toMatchObject({
      type: 'room-joined',
      recovered: false,
      cause: 'trimmed',
    });
    expect(await again.ask({ type: 'join-room', room: 'b', since: 'nonsense' })).toMatchObject({
      recovered: false,
      cause: 'invalid',
    });
  });

  it('hears a backend, and is heard on an EventSource and by a poll: one room, whatever the wire', async () => {
    await using server = await startRooms();
    using client = await server.connect().welcomed();
    await client.ask({ type: 'join-room', room: 'a' });
    const stream = await fetch(`${server.url}/live/sse?channel=room:a`);
    const reader = stream.body?.getReader();
    let text = '';
    const read = async (wanted: string): Promise<void> => {
      while (!text.includes(wanted)) text += new TextDecoder().decode((await reader?.read())?.value);
    };
    await read('event: subscribed');

    expect((await server.publish('room:a', { message: 'from behind' })).status).toBe(200);
    expect(await client.next()).toMatchObject({
      type: 'room-message',
      from: 'server',
      message: 'from behind',
      timestamp,
    });
    client.send({ type: 'room-message', room: 'a', message: 'to all wires' });
    const { position } = await client.next();
    await read('to all wires');
    // Presence and the operator's counts are the hub's.
    expect(server.live.channels().find(({ channel }) => channel === 'room:a')).toMatchObject({
      kind: 'log',
      subscribers: 2,
    });
    await reader?.cancel();

    expect(text).toContain('event: room-message');
    expect(text).toContain(`"position":"${position}","data":{"from":"${client.clientId}","message":"to all wires"`);
    const page = await server.live.channel('room:a').history();
    expect(page).toMatchObject({
      kind: 'events',
      events: [{}, { data: { from: client.clientId, message: 'to all wires' } }],
    });
  });

  it('takes from the backend what its schema says, for rooms that may be', async () => {
    await using server = await startRooms();
    expect((await server.publish('room:a', { from: 'x', message: 1, more: true })).status).toBe(422);
    expect((await server.publish('room:a:b', { message: 1 })).status).toBe(404);
    expect((await server.publish('room:a', { message: 1 })).status).toBe(200);
  });
});
