/** The rooms over Socket.IO, with an unmodified socket.io-client: the contract with acks, and every crossing to the other wires. */
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { login, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

const timestamp = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);

describe.each([['websocket'], ['polling']])('a client of Socket.IO over %s', (transport) => {
  const how = { transports: [transport] };

  it('is welcomed, and has every request acknowledged', async () => {
    await using server = await startRooms();
    using client = await new IoClient(server.url, how).welcomed();

    expect(client.of('welcome')).toEqual([
      {
        type: 'welcome',
        clientId: expect.stringMatching(/^\d{13}-[0-9a-f]+$/),
        message: expect.any(String),
        timestamp,
      },
    ]);
    expect(await client.ask('ping')).toEqual({ type: 'pong', timestamp });
    expect(await client.ask('echo', { message: { text: 'xin chào' } })).toEqual({
      type: 'echo',
      original: { text: 'xin chào' },
      timestamp,
    });
    expect(await client.ask('echo', 'bare')).toEqual({ type: 'echo', original: 'bare', timestamp });
    expect(await client.ask('join-room', { room: 'a' })).toEqual({
      type: 'room-joined',
      room: 'a',
      members: 1,
      position: expect.any(String),
      timestamp,
    });
    expect(await client.ask('join-room', 'a')).toEqual({ type: 'room-joined', room: 'a', members: 1, timestamp });
    expect(await client.ask('room-message', { room: 'a', message: 1 })).toEqual({
      type: 'room-message',
      room: 'a',
      position: expect.any(String),
      timestamp,
    });
    expect(await client.ask('broadcast', 'all')).toEqual({ type: 'broadcast', timestamp });
    expect(await client.got('room-message', 1)).toEqual([
      { room: 'a', from: client.clientId, message: 1, position: expect.any(String), timestamp },
    ]);
    expect(await client.got('broadcast', 1)).toEqual([{ from: client.clientId, message: 'all', timestamp }]);
    expect(await client.ask('leave-room', 'a')).toEqual({ type: 'room-left', room: 'a', timestamp });
    expect(await client.ask('leave-room', 'a')).toEqual({ type: 'room-left', room: 'a', timestamp });
    expect(server.log.filter(({ message }) => message === 'rooms failed')).toEqual([]);
  });

  it('gets answers as events where it asks for no acknowledgement', async () => {
    await using server = await startRooms();
    using client = await new IoClient(server.url, how).welcomed();
    client.socket.emit('ping');
    client.socket.emit('join-room', 'a');
    client.socket.emit('room-message', { room: 'a', message: 1 });
    client.socket.emit('dance');
    client.socket.emit('leave-room', 'a');
    await client.got('room-left', 1);

    const names = client.events.map(([name]) => name);
    expect(names.slice(0, 3)).toEqual(['welcome', 'pong', 'room-joined']);
    // A message reaches the room at the end of a turn; an error is told at once.
    expect(names.slice(3, 5).sort()).toEqual(['error', 'room-message']);
    expect(names.slice(5)).toEqual(['room-left']);
  });

  it('gets what it missed when it joins with `since`', async () => {
    await using server = await startRooms();
    using client = await new IoClient(server.url, how).welcomed();
    const { position } = await server.live.channel('room:a').publish('room-message', { message: 0 });
    await server.live.channel('room:a').publish('room-message', { message: 1 });

    expect(await client.ask('join-room', { room: 'a', since: position })).toMatchObject({ recovered: true });
    expect(await client.got('room-message', 1)).toMatchObject([{ message: 1, from: 'server' }]);
  });

  it.each([
    ['dance', [], 'UNKNOWN_TYPE'],
    ['constructor', [], 'UNKNOWN_TYPE'],
    ['echo', [], 'FIELD_MISSING'],
    ['join-room', [], 'ROOM_NAME_INVALID'],
    ['join-room', [{ room: 'a b' }], 'ROOM_NAME_INVALID'],
    ['join-room', [{ room: 'a', since: 7 }], 'POSITION_INVALID'],
    ['room-message', [{ room: 'a', message: 1 }], 'NOT_IN_ROOM'],
    ['room-message', ['a'], 'ROOM_NAME_INVALID'],
    ['echo', [{ message: Buffer.from('x') }], 'TEXT_EXPECTED'],
    ['echo', [JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`)], 'TOO_DEEP'],
    ['join-room', [{ room: '__proto__', ...JSON.parse('{"__proto__":{"since":1}}') }], undefined],
  ])('is told what is wrong with %s %j, and stays', async (event, args, code) => {
    await using server = await startRooms();
    using client = await new IoClient(server.url, how).welcomed();

    const answer = await client.ask(event, ...args);

    if (code === undefined) expect(answer).toMatchObject({ type: 'room-joined' });
    else expect(answer).toEqual({ type: 'error', code, message: expect.stringMatching(/\.$/) });
    expect(await client.ask('ping')).toMatchObject({ type: 'pong' });
  });
});

describe('one room, whatever the wire', () => {
  it('a message crosses from /ws to Socket.IO to SSE, and every other way', async () => {
    await using server = await startRooms();
    using plain = await server.connect().welcomed();
    using io = await new IoClient(server.url).welcomed();
    using polling = await new IoClient(server.url, { transports: ['polling'] }).welcomed();
    await plain.ask({ type: 'join-room', room: 'a' });
    await io.ask('join-room', 'a');
    expect(await polling.ask('join-room', 'a')).toMatchObject({ members: 3 });
    const stream = await fetch(`${server.url}/live/sse?channel=room:a`);
    const reader = stream.body?.getReader();
    let text = '';
    const read = async (wanted: string): Promise<void> => {
      while (!text.includes(wanted)) text += new TextDecoder().decode((await reader?.read())?.value);
    };

    plain.send({ type: 'room-message', room: 'a', message: 'from ws' });
    expect(await plain.next()).toMatchObject({ from: plain.clientId, message: 'from ws' });
    await io.got('room-message', 1);
    await io.ask('room-message', { room: 'a', message: 'from socket.io' });
    await server.publish('room:a', { message: 'from a backend' });
    const expected = [
      { room: 'a', from: plain.clientId, message: 'from ws' },
      { room: 'a', from: io.clientId, message: 'from socket.io' },
      { room: 'a', from: 'server', message: 'from a backend' },
    ];

    for (const client of [io, polling]) expect(await client.got('room-message', 3)).toMatchObject(expected);
    expect([await plain.next(), await plain.next()]).toMatchObject(expected.slice(1));
    for (const { message } of expected) await read(message);
    await reader?.cancel();
    expect(text.match(/event: room-message/g)?.length).toBe(3);
    expect(server.rooms.getClientsInfo().map(({ protocol, rooms }) => [protocol, rooms])).toEqual([
      ['websocket', ['a']],
      ['socket.io', ['a']],
      ['socket.io', ['a']],
    ]);
    expect(server.rooms.health()).toEqual({ status: 'ok', websocket: { clients: 3, rooms: 1 } });
  });

  it('a broadcast reaches both kinds', async () => {
    await using server = await startRooms();
    using plain = await server.connect().welcomed();
    using io = await new IoClient(server.url).welcomed();
    await plain.ask({ type: 'ping' });
    await io.ask('ping');

    plain.send({ type: 'broadcast', message: 1 });
    await io.ask('broadcast', 2);

    expect([await plain.next(), await plain.next()]).toMatchObject([{ message: 1 }, { message: 2, from: io.clientId }]);
    expect(await io.got('broadcast', 2)).toMatchObject([{ message: 1, from: plain.clientId }, { message: 2 }]);
  });
});

describe('who comes over Socket.IO', () => {
  it('is who its cookie or token says, and may join what that one may', async () => {
    await using server = await startRooms({
      rooms: {
        join: ({ params, identity }) =>
          params['room'] === 'staff' && identity?.roles.includes('umpire') !== true
            ? { allow: false, status: 403, code: 'FORBIDDEN' }
            : { allow: true },
      },
    });
    const { cookie = '' } = await login(server.url, 'umpire');
    using anonymous = await new IoClient(server.url).welcomed();
    using byCookie = await new IoClient(server.url, { extraHeaders: { cookie } }).welcomed();
    const token = cookie.slice(cookie.indexOf('=') + 1);
    using byToken = await new IoClient(server.url, { auth: { token } }).welcomed();

    expect(await anonymous.ask('join-room', 'staff')).toMatchObject({ type: 'error', code: 'FORBIDDEN' });
    expect(await byCookie.ask('join-room', 'staff')).toMatchObject({ type: 'room-joined' });
    expect(await byToken.ask('join-room', 'staff')).toMatchObject({ type: 'room-joined' });
    expect(
      server.live
        .connections()
        .filter(({ label }) => label === 'socket.io')
        .map(({ identity }) => identity === ''),
    ).toEqual([true, false, false]);
  });

  it.each([['websocket'], ['polling']])('from a page of another origin is refused over %s', async (transport) => {
    await using server = await startRooms({ rooms: { allowedOrigins: ['https://app.example.com'] } });
    using foreign = new IoClient(server.url, {
      transports: [transport],
      extraHeaders: { Origin: 'https://evil.example' },
      reconnection: false,
    });
    using listed = await new IoClient(server.url, {
      transports: [transport],
      extraHeaders: { Origin: 'https://app.example.com' },
    }).welcomed();

    await vi.waitFor(() => expect(foreign.refusals.length).toBe(1), TIMEOUT);
    expect(foreign.socket.connected).toBe(false);
    expect(listed.socket.connected).toBe(true);
  });

  it('is logged, counted, and ended by operators as any other', async () => {
    await using server = await startRooms();
    using left = await new IoClient(server.url).welcomed();
    left.socket.disconnect();
    await vi.waitFor(() => expect(server.rooms.counts().closes).toMatchObject([{ code: 1000, count: 1 }]), TIMEOUT);
    using thrown = await new IoClient(server.url).welcomed();
    server.live.disconnect(({ label }) => label === 'socket.io');
    await vi.waitFor(() => expect(thrown.socket.connected).toBe(false), TIMEOUT);

    expect(thrown.socket.active).toBe(false);
    expect(
      server.log.filter(({ message }) => message === 'client disconnected').map(({ facts }) => facts),
    ).toMatchObject([
      {
        protocol: 'socket.io',
        code: 1000,
        by: 'client',
        reason: 'client namespace disconnect',
        messagesIn: 0,
        messagesOut: 1,
      },
      { protocol: 'socket.io', code: 1008, by: 'server' },
    ]);
    await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(0), TIMEOUT);
  });

  it.each([
    ['a page that is left', (ws: WebSocket) => ws.close(1001), 1001],
    ['a close frame without a code', (ws: WebSocket) => ws.close(), 1005],
    ['a wire that broke', (ws: WebSocket) => ws.terminate(), 1006],
  ])('ends with the code of its WebSocket: %s', async (_, end, code) => {
    await using server = await startRooms();
    const ws = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`);
    const heard: string[] = [];
    ws.on('message', (data) => {
      heard.push(String(data));
      if (heard.length === 1) ws.send('40');
    });
    await vi.waitFor(() => expect(heard.at(-1)).toContain('welcome'), TIMEOUT);
    end(ws);
    await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(0), TIMEOUT);

    expect(server.log.at(-1)?.facts).toMatchObject({ code, by: 'client', reason: 'transport close' });
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain(
      `fanfare_connections_closed_total{wire="socket.io",code="${code}",reason="peer"} 1`,
    );
  });

  it('is known by the address that our proxy tells, and spoken to in its language', async () => {
    await using server = await startRooms({ live: { trustedHops: 1 } });
    const extraHeaders = { 'X-Forwarded-For': '203.0.113.9', 'Accept-Language': 'vi' };
    using client = await new IoClient(server.url, { extraHeaders }).welcomed();

    expect(server.rooms.getClientsInfo()).toMatchObject([{ address: '203.0.113.9' }]);
    expect(await client.ask('dance')).toMatchObject({ message: 'Loại thông điệp này không tồn tại.' });
  });

  it('is who it was when it comes back, with everything it missed', async () => {
    await using server = await startRooms();
    using client = await new IoClient(server.url).welcomed();
    await client.ask('join-room', 'a');
    await client.ask('room-message', { room: 'a', message: 0 });
    await client.got('room-message', 1);
    client.socket.io.reconnection(false);
    client.cut();
    await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(0), TIMEOUT);
    for (let n = 1; n <= 5; n += 1) await server.publish('room:a', { message: n });
    client.socket.io.reconnection(true);
    client.socket.connect();

    expect(await client.got('room-message', 6)).toMatchObject([0, 1, 2, 3, 4, 5].map((message) => ({ message })));
    expect(client.socket.recovered).toBe(true);
    const welcomes = await client.got('welcome', 2);
    expect(welcomes[1]).toMatchObject({ clientId: client.clientId });
    await vi.waitFor(
      () => expect(server.rooms.getClientsInfo()).toMatchObject([{ clientId: client.clientId, rooms: ['a'] }]),
      TIMEOUT,
    );
    expect(await client.ask('room-message', { room: 'a', message: 6 })).toMatchObject({ type: 'room-message' });
    expect(await client.got('room-message', 7)).toHaveLength(7);
  });

  it('has a volatile message kept once it is here, and thrown away where it is said on the way back', async () => {
    await using server = await startRooms();
    using client = await new IoClient(server.url).welcomed();
    await client.ask('join-room', 'a');
    client.socket.volatile.emit('room-message', { room: 'a', message: 'here' });
    await client.got('room-message', 1);
    // An attempt is told just before it begins.
    client.socket.io.once('reconnect_attempt', () =>
      queueMicrotask(() => {
        client.socket.volatile.emit('room-message', { room: 'a', message: 'volatile, on the way' });
        client.socket.emit('room-message', { room: 'a', message: 'on the way' });
      }),
    );
    client.cut();

    await client.got('room-message', 2);
    expect(await client.ask('room-message', { room: 'a', message: 'last' })).toMatchObject({ type: 'room-message' });
    const expected = ['here', 'on the way', 'last'].map((message) => ({ message }));
    expect(await client.got('room-message', 3)).toMatchObject(expected);
    expect(client.socket.recovered).toBe(true);
  });

  it('is held to its pace', async () => {
    await using server = await startRooms({ rooms: { rate: { perSecond: 1, burst: 5 } } });
    using client = await new IoClient(server.url, { reconnection: false }).welcomed();
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.ask('ping')));

    expect(answers.filter((answer) => JSON.stringify(answer).includes('RATE_LIMITED')).length).toBe(3);
    for (let n = 0; n < 10; n += 1) client.socket.emit('ping');
    await vi.waitFor(() => expect(client.socket.connected).toBe(false), TIMEOUT);
  });
});
