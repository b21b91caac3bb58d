/** A client of Socket.IO in the rooms: who it is, how it comes back, and what ends it. */
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { login, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

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
