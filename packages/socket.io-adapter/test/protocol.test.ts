/**
 * What the protocol documents of Engine.IO (revision 4) and Socket.IO (revision 5) expect of a server, said again by us and tried
 * on ours with bare requests and a bare `ws`: no client library stands between the test and the bytes.
 */
import { describe, expect, it, vi } from 'vitest';
import { TIMEOUT } from './io-support.ts';
import { connected, Polling, QUERY, serve, Wire, withEcho } from './protocol-support.ts';

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

describe('Socket.IO: namespaces', () => {
  it.each([
    ['the main one', '40', /^40\{"sid":"[^"]+"\}$/, '42["auth",{}]'],
    ['the main one, with a payload', '40{"token":"123"}', /^40\{"sid"/, '42["auth",{"token":"123"}]'],
    ['another', '40/custom,', /^40\/custom,\{"sid"/, '42/custom,["auth",{}]'],
    [
      'another, with a payload',
      '40/custom,{"token":"abc"}',
      /^40\/custom,\{"sid"/,
      '42/custom,["auth",{"token":"abc"}]',
    ],
  ])('are joined by CONNECT: %s', async (_, packet, answer, event) => {
    await using server = await serve();
    withEcho(server);
    using wire = await new Wire(server).opened();
    await wire.next();
    wire.socket.send(packet);

    expect(await wire.next()).toMatch(answer);
    expect(await wire.next()).toBe(event);
  });

  it('that nobody serves are refused by CONNECT_ERROR', async () => {
    await using server = await serve();
    using wire = await new Wire(server).opened();
    await wire.next();
    wire.socket.send('40/random');

    expect(await wire.next()).toBe('44/random,{"message":"Invalid namespace"}');
  });

  it.each([
    ['what is no packet', '4abc'],
    ['a type that does not exist', '49'],
    ['a CONNECT whose payload is no object', '40"hello"'],
    ['an event before CONNECT', '42["message",1]'],
  ])('are left for good after %s', async (_, packet) => {
    await using server = await serve();
    using wire = await new Wire(server).opened();
    await wire.next();
    wire.socket.send(packet);

    await wire.closed();
  });

  it('must be joined in time', async () => {
    await using server = await serve();
    using wire = await new Wire(server).opened();
    await wire.next();

    await wire.closed();
  });

  it('are left by DISCONNECT, one without the other', async () => {
    await using server = await serve();
    withEcho(server);
    using wire = await connected(server);
    wire.socket.send('40/custom,');
    expect(await wire.next()).toMatch(/^40\/custom,/);
    await wire.next();
    wire.socket.send('41/custom,');
    wire.socket.send('42["message","main"]');

    expect(await wire.next()).toBe('42["message-back","main"]');
    await vi.waitFor(() => expect(server.io.of('/custom').sockets.size).toBe(0), TIMEOUT);
    wire.socket.send('41');
    await vi.waitFor(() => expect(server.io.of('/').sockets.size).toBe(0), TIMEOUT);
  });
});

describe('Socket.IO: events', () => {
  it('go both ways as they are', async () => {
    await using server = await serve();
    withEcho(server);
    using wire = await connected(server);
    wire.socket.send('42["message",1,"2",{"3":[true]}]');

    expect(await wire.next()).toBe('42["message-back",1,"2",{"3":[true]}]');
  });

  it('with binary data come as a packet and its attachments', async () => {
    await using server = await serve();
    withEcho(server);
    using wire = await connected(server);
    wire.socket.send('452-["message",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    wire.socket.send(Buffer.from([1, 2, 3]));
    wire.socket.send(Buffer.from([4, 5, 6]));

    expect(await wire.next()).toBe('452-["message-back",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
    expect([await wire.next(), await wire.next()]).toEqual([Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])]);
  });

  it('are acknowledged by the number that they came with', async () => {
    await using server = await serve();
    withEcho(server);
    using wire = await connected(server);
    wire.socket.send('42456["message-with-ack",1,"2",{"3":[false]}]');

    expect(await wire.next()).toBe('43456[1,"2",{"3":[false]}]');
  });

  it.each([
    ['no array', '42{}'],
    ['an empty array', '42[]'],
    ['a name that is neither text nor number', '42[{}]'],
    ['a name that the protocol keeps for itself', '42["connect"]'],
    ['attachments without end', '451000000000-["message"]'],
    ['attachments that are not counted', '45-["message"]'],
    ['binary data that was not announced', Buffer.from([1])],
  ])('that are %s end the connection, and no other', async (_, packet) => {
    await using server = await serve();
    withEcho(server);
    using other = await connected(server);
    using wire = await connected(server);
    wire.socket.send(packet);

    if (String(packet).startsWith('451')) {
      // Announced in good faith or not: what is said next is not the attachment that must come, and ends it.
      wire.socket.send('42["message",1]');
    }
    await wire.closed();
    other.socket.send('42["message","well"]');
    expect(await other.next()).toBe('42["message-back","well"]');
  });
});
