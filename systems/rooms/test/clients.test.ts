/** Who is connected, how each ended, and what becomes of those that do not answer. */

import { RawWebSocket } from '@fanfare/testkit';
import { createRooms } from '@fanfare-systems/rooms';
import { describe, expect, it, vi } from 'vitest';
import { meaningOf } from '../server/close-words.ts';
import { clientsOf, login, type Running, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

/** What was logged of the end of the clients, without what differs from run to run. */
function ends(server: Running): readonly Readonly<Record<string, unknown>>[] {
  return server.log.filter(({ message }) => message === 'client disconnected').map(({ facts }) => facts);
}

describe('the end of a client', () => {
  it('is logged with its id, the code and what it means, its age and its messages, and counted', async () => {
    await using server = await startRooms();
    using client = await server.connect().welcomed();
    await client.ask({ type: 'join-room', room: 'a' });
    await client.ask({ type: 'ping' });
    client.send({ type: 'room-message', room: 'a', message: 1 });
    await client.next();
    client.socket.close(1000, 'done');
    await vi.waitFor(() => expect(ends(server).length).toBe(1), TIMEOUT);

    expect(ends(server)).toEqual([
      {
        clientId: client.clientId,
        protocol: 'websocket',
        code: 1000,
        meaning: 'normal closure: the other side is done',
        reason: 'done',
        by: 'client',
        ageMs: expect.any(Number),
        messagesIn: 3,
        // welcome, room-joined, pong, its own message
        messagesOut: 4,
      },
    ]);
    expect(server.rooms.counts()).toMatchObject({
      connections: 1,
      messagesIn: 3,
      closes: [{ code: 1000, count: 1, meaning: 'normal closure: the other side is done' }],
    });
  });

  it('1005 is a close frame without a code, 1006 is no close frame', async () => {
    await using server = await startRooms();
    using wordless = await server.connect().welcomed();
    wordless.socket.close();
    await vi.waitFor(() => expect(ends(server).length).toBe(1), TIMEOUT);
    using cut = await server.connect().welcomed();
    cut.socket.terminate();
    await vi.waitFor(() => expect(ends(server).length).toBe(2), TIMEOUT);

    expect(ends(server).map(({ code, meaning, by }) => [code, meaning, by])).toEqual([
      [1005, 'a close frame without a code', 'client'],
      [1006, 'no close frame: the wire broke', 'client'],
    ]);
  });

  it.each([
    [1000, /normal/],
    [1001, /going away/],
    [1005, /frame without a code/],
    [1006, /no close frame/],
    [1009, /too big/],
    [1011, /unexpected condition/],
    [3000, /library/],
    [4004, /application/],
    [1016, /does not define/],
  ])('%i has a meaning', (code, meaning) => {
    expect(meaningOf(code)).toMatch(meaning);
  });

  it('is 1001 when the server stops, 1008 when an operator ends it, 1009 and 1007 for what cannot be read', async () => {
    await using server = await startRooms();
    using large = await server.connect().welcomed();
    large.send({ type: 'echo', message: 'x'.repeat(70_000) });
    await large.ended();
    using garbled = new RawWebSocket({ port: server.port, path: '/ws', isForeign: true });
    await vi.waitFor(() => expect(garbled.texts.length).toBe(1), TIMEOUT);
    garbled.write({ payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) });
    await garbled.untilClosed();
    using thrown = await server.connect().welcomed();
    server.live.disconnect(({ label }) => label === 'rooms-ws');
    await thrown.ended();
    using last = await server.connect().welcomed();
    await server.live.drain({ overMs: 5 });
    await last.ended();

    expect([large.closed?.code, garbled.closedWith?.code, thrown.closed?.code, last.closed?.code]).toEqual([
      1009, 1007, 1008, 1001,
    ]);
    await vi.waitFor(() => expect(ends(server).length).toBe(4), TIMEOUT);
    expect(ends(server).map(({ code, by }) => [code, by])).toEqual([
      [1009, 'server'],
      [1007, 'server'],
      [1008, 'server'],
      [1001, 'server'],
    ]);
  });

  it('comes within two heartbeats to one that answers no ping, and to no other', async () => {
    await using server = await startRooms({ rooms: { heartbeatMs: 6000 } });
    using alive = await server.connect().welcomed();
    using dead = new RawWebSocket({ port: server.port, path: '/ws', isForeign: true });
    dead.answersPings = false;
    await vi.waitFor(() => expect(dead.texts.length).toBe(1), TIMEOUT);
    const since = performance.now();

    await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(1), { timeout: 20_000, interval: 10 });

    expect(performance.now() - since).toBeLessThan(2 * 6000);
    expect(dead.pings.length).toBeGreaterThan(0);
    expect((await alive.ask({ type: 'ping' })).type).toBe('pong');
    expect(ends(server)).toMatchObject([{ code: 1006, by: 'server' }]);
  });
});

describe('whoever embeds the rooms', () => {
  it('is told that a heartbeat is too short to be answered', () => {
    expect(() => createRooms({ heartbeatMs: 2999 })).toThrow(/heartbeatMs: expected 3000 or more, got 2999/);
    expect(() => createRooms({ heartbeatMs: Number.NaN })).toThrow(/heartbeatMs/);
  });

  it('is told how many are connected, and who', async () => {
    await using server = await startRooms();
    expect(server.rooms.getConnectedCount()).toBe(0);
    using an = await server.connect({ headers: await login(server.url, 'umpire') }).welcomed();
    await an.ask({ type: 'join-room', room: 'b' });
    await an.ask({ type: 'join-room', room: 'a' });

    expect(server.rooms.getConnectedCount()).toBe(1);
    expect(server.rooms.getClientsInfo()).toEqual([
      {
        clientId: an.clientId,
        connection: clientsOf(server)[0]?.id,
        protocol: 'websocket',
        connectedAt: expect.stringMatching(/Z$/),
        ageMs: expect.any(Number),
        address: '127.0.0.1',
        user: expect.anything(),
        rooms: ['b', 'a'],
        messagesIn: 2,
        messagesOut: 3,
      },
    ]);
    an.socket.close();
    await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(0), TIMEOUT);
    expect(clientsOf(server)).toEqual([]);
    expect(server.live.subscribers('room:a')).toBe(0);
  });

  it('has the list behind the admin, and health in the open', async () => {
    await using server = await startRooms();
    using client = await server.connect().welcomed();
    await client.ask({ type: 'join-room', room: 'a' });
    const ask = (headers: Record<string, string> = {}) => fetch(`${server.url}/api/ws/clients`, { headers });

    expect((await ask()).status).toBe(401);
    const admin = await ask(await login(server.url, 'admin'));
    expect(admin.status).toBe(200);
    expect(await admin.json()).toMatchObject({
      count: 1,
      rooms: ['a'],
      clients: [{ clientId: client.clientId, protocol: 'websocket', rooms: ['a'] }],
      since: { connections: 1, messagesIn: 1, closes: [] },
    });
    const health = await fetch(`${server.url}/health`);
    expect(await health.json()).toEqual({ status: 'ok', websocket: { clients: 1, rooms: 1 } });
  });

  it('finds in the metrics how each kind of client ended, and what limits they met', async () => {
    await using server = await startRooms({ rooms: { maxRooms: 1, rate: { perSecond: 1, burst: 3 } } });
    using client = await server.connect().welcomed();
    await client.ask({ type: 'join-room', room: 'a' });
    await client.ask({ type: 'join-room', room: 'b' });
    await client.ask({ type: 'ping' });
    await client.ask({ type: 'ping' });
    client.socket.close();
    using io = await new IoClient(server.url).welcomed();
    io.socket.disconnect();
    using odd = await server.connect().welcomed();
    odd.socket.close(4999);
    await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(0), TIMEOUT);

    const text = await (await fetch(`${server.url}/metrics`)).text();
    for (const line of [
      'fanfare_connections_closed_total{wire="rooms-ws",code="1005",reason="peer"} 1',
      'fanfare_connections_closed_total{wire="rooms-ws",code="other",reason="peer"} 1',
      'fanfare_connections_closed_total{wire="socket.io",code="1000",reason="peer"} 1',
      'fanfare_limit_hits_total{limit="roomsPerClient"} 1',
      'fanfare_limit_hits_total{limit="roomMessages"} 1',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('finds there what was said on the wire, and why: what the hub calls 3007, 3507 or 3005 is 1008 or silence here', async () => {
    await using server = await startRooms({
      rooms: { rate: { perSecond: 1, burst: 3 }, heartbeatMs: 3000 },
    });
    using flooder = await server.connect().welcomed();
    for (let n = 0; n < 20; n += 1) flooder.send({ type: 'ping' });
    await flooder.ended();
    using thrown = await server.connect().welcomed();
    using io = await new IoClient(server.url).welcomed();
    using hub = new RawWebSocket({ port: server.port, path: '/live/ws' });
    await vi.waitFor(() => expect(hub.texts.length).toBeGreaterThan(0), TIMEOUT);
    server.live.disconnect(({ isServer }) => !isServer);
    await Promise.all([
      thrown.ended(),
      hub.untilClosed(),
      vi.waitFor(() => expect(io.socket.connected).toBe(false), TIMEOUT),
    ]);
    using large = await server.connect().welcomed();
    large.send({ type: 'echo', message: 'x'.repeat(70_000) });
    await large.ended();
    using cut = await server.connect().welcomed();
    cut.socket.terminate();
    using dead = new RawWebSocket({ port: server.port, path: '/ws', isForeign: true });
    dead.answersPings = false;
    await vi.waitFor(() => expect(dead.closed).toBe(true), TIMEOUT);
    using last = await server.connect().welcomed();
    using lastIo = await new IoClient(server.url, { reconnection: false }).welcomed();
    await server.live.drain({ overMs: 5 });
    await Promise.all([last.ended(), vi.waitFor(() => expect(lastIo.socket.connected).toBe(false), TIMEOUT)]);

    const text = await server.live.metrics();
    const closed = text.text
      .split('\n')
      .flatMap((line) => /^fanfare_connections_closed_total\{(.*)\} (\d+)$/.exec(line)?.slice(1, 3).join(' ') ?? [])
      .filter((line) => !line.includes('socket.io-server'))
      .sort();
    expect(closed).toEqual([
      'wire="rooms-ws",code="1001",reason="drain" 1',
      'wire="rooms-ws",code="1006",reason="heartbeatTimeout" 1',
      'wire="rooms-ws",code="1006",reason="peer" 1',
      'wire="rooms-ws",code="1008",reason="disconnectedByOperator" 1',
      'wire="rooms-ws",code="1008",reason="rateLimited" 1',
      'wire="rooms-ws",code="1009",reason="peer" 1',
      'wire="socket.io",code="1001",reason="drain" 1',
      'wire="socket.io",code="1008",reason="disconnectedByOperator" 1',
      'wire="ws",code="3507",reason="disconnectedByOperator" 1',
    ]);
    // The log and the admin's counts say the same.
    expect(server.rooms.counts().closes.map(({ code, count }) => [code, count])).toEqual([
      [1001, 2],
      [1006, 2],
      [1008, 3],
      [1009, 1],
    ]);
  });

  it('does not let a stranger act on a client whose id is in every message', async () => {
    await using server = await startRooms();
    using client = await server.connect().welcomed();
    const uplink = await fetch(`${server.url}/live/uplink/${client.clientId}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ type: 'subscribe', id: 1, channel: 'room:a' }),
    });

    expect(uplink.status).toBe(404);
    expect(server.rooms.getClientsInfo()[0]?.rooms).toEqual([]);
  });
});
