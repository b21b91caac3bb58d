/**
 * What the protocol document of Engine.IO (revision 4) expects of a server, said again by us and tried on ours with bare requests and a
 * bare `ws`: no client library stands between the test and the bytes.
 */
import { describe, expect, it, vi } from 'vitest';
import { TIMEOUT } from './io-support.ts';
import { Polling, QUERY, serve, Wire, withEcho } from './protocol-support.ts';

describe('Engine.IO: the handshake', () => {
  it('by polling opens a session and says all that a client needs', async () => {
    await using server = await serve();
    const response = await fetch(`http://127.0.0.1:${server.port}${QUERY}polling`);
    const text = await response.text();

    expect(response.status).toBe(200);
    expect(text[0]).toBe('0');
    expect(JSON.parse(text.slice(1))).toEqual({
      sid: expect.any(String),
      upgrades: ['websocket'],
      pingInterval: expect.any(Number),
      pingTimeout: expect.any(Number),
      maxPayload: 65_536,
    });
  });

  it('by WebSocket opens a session that needs no upgrade', async () => {
    await using server = await serve();
    using wire = new Wire(server);
    const text = String(await wire.next());

    expect(text[0]).toBe('0');
    expect(JSON.parse(text.slice(1))).toMatchObject({ sid: expect.any(String), upgrades: [] });
  });

  it.each([
    ['no EIO', 'GET', '/socket.io/?transport=polling'],
    ['an EIO that is no number', 'GET', '/socket.io/?EIO=abc&transport=polling'],
    ['an EIO that is no longer spoken', 'GET', '/socket.io/?EIO=3&transport=polling'],
    ['no transport', 'GET', '/socket.io/?EIO=4'],
    ['a transport that nobody knows', 'GET', '/socket.io/?EIO=4&transport=abc'],
    ['a transport that every object has', 'GET', '/socket.io/?EIO=4&transport=constructor'],
    ['a session that is none', 'GET', `${QUERY}polling&sid=nobody`],
    ['POST', 'POST', `${QUERY}polling`],
    ['PUT', 'PUT', `${QUERY}polling`],
  ])('is refused with 400: %s', async (_, method, path) => {
    await using server = await serve();

    expect((await fetch(`http://127.0.0.1:${server.port}${path}`, { method })).status).toBe(400);
  });

  it.each([
    ['no EIO', '/socket.io/?transport=websocket'],
    ['an EIO that is no number', '/socket.io/?EIO=abc&transport=websocket'],
    ['a transport that nobody knows', '/socket.io/?EIO=4&transport=abc'],
    ['no transport', '/socket.io/?EIO=4'],
  ])('by WebSocket is refused: %s', async (_, query) => {
    await using server = await serve();
    using wire = new Wire(server, query);

    await wire.closed();
    expect(wire.heard).toEqual([]);
  });
});

describe('Engine.IO: messages', () => {
  it('by polling: one is taken with "ok", several in one payload in their order', async () => {
    await using server = await serve();
    withEcho(server);
    const session = await Polling.open(server);

    expect(await session.push('40')).toEqual({ status: 200, text: 'ok' });
    expect(await session.push('42["message",1]\u001e42["message",2]\u001e42["message",3]')).toEqual({
      status: 200,
      text: 'ok',
    });
    let text = '';
    while (!text.includes('3]')) text += `${await session.poll()}\u001e`;

    expect(text.split('\u001e').filter((packet) => packet.includes('message-back'))).toEqual([
      '42["message-back",1]',
      '42["message-back",2]',
      '42["message-back",3]',
    ]);
  });

  it('by polling: binary data travels as base64 of its own', async () => {
    await using server = await serve();
    withEcho(server);
    const session = await Polling.open(server);
    await session.push('40');
    await session.push('451-["message",{"_placeholder":true,"num":0}]\u001ebAQIDBA==');
    let text = '';
    while (!text.includes('bAQIDBA')) text += `${await session.poll()}\u001e`;

    expect(text).toContain('451-["message-back",{"_placeholder":true,"num":0}]\u001ebAQIDBA==');
  });

  it('by polling: what is no packet ends the session', async () => {
    await using server = await serve();
    const session = await Polling.open(server);

    await session.push('abc');

    expect(await session.status()).toBe(400);
    expect(server.io.engine.clientsCount).toBe(0);
  });

  it('by polling: two polls at once end the session', async () => {
    await using server = await serve();
    const session = await Polling.open(server);
    const first = session.poll();
    await vi.waitFor(() => expect(server.io.engine.clientsCount).toBe(1), TIMEOUT);
    const second = await session.status();

    expect([await first, second]).toEqual(['1', 400]);
  });

  it('by WebSocket: what is no packet ends the session', async () => {
    await using server = await serve();
    using wire = await new Wire(server).opened();
    await wire.next();
    wire.socket.send('abc');

    await wire.closed();
  });
});

describe('Engine.IO: heartbeat, end and upgrade', () => {
  const fast = { server: { pingInterval: 150, pingTimeout: 100, connectTimeout: 60_000 } };

  it('by polling: a ping comes, a pong keeps the session, silence ends it', async () => {
    await using server = await serve(fast);
    const session = await Polling.open(server);
    for (let beat = 0; beat < 3; beat += 1) {
      expect(await session.poll()).toBe('2');
      expect((await session.push('3')).status).toBe(200);
    }
    await vi.waitFor(() => expect(server.io.engine.clientsCount).toBe(0), TIMEOUT);

    expect(await session.status()).toBe(400);
  });

  it('by WebSocket: a ping comes, a pong keeps the session, silence ends it', async () => {
    await using server = await serve(fast);
    using wire = await new Wire(server).opened();
    await wire.next();
    for (let beat = 0; beat < 3; beat += 1) {
      expect(await wire.next()).toBe('2');
      wire.socket.send('3');
    }

    await wire.closed();
  });

  it('by polling: "1" ends the session, and the poll that waits is let go', async () => {
    await using server = await serve();
    const session = await Polling.open(server);
    const waiting = session.poll();
    await session.push('1');

    expect(await waiting).toBe('6');
    expect(await session.status()).toBe(400);
  });

  it('by WebSocket: "1" ends the session', async () => {
    await using server = await serve();
    using wire = await new Wire(server).opened();
    await wire.next();
    wire.socket.send('1');

    await wire.closed();
  });

  it('a session moves from polling to WebSocket, and from then on is nowhere else', async () => {
    await using server = await serve();
    withEcho(server);
    const session = await Polling.open(server);
    using wire = await new Wire(server, `${QUERY}websocket&sid=${session.sid}`).opened();
    wire.socket.send('2probe');
    expect(await wire.next()).toBe('3probe');
    wire.socket.send('5');
    wire.socket.send('40');
    expect(await wire.next()).toMatch(/^40\{"sid":/);

    expect(await session.status()).toBe(400);
    using second = new Wire(server, `${QUERY}websocket&sid=${session.sid}`);
    await second.closed();
    wire.socket.send('42["message","still here"]');
    expect(await wire.next()).toBe('42["auth",{}]');
    expect(await wire.next()).toBe('42["message-back","still here"]');
  });
});
