/** The rest of what the protocol documents expect: upgrades that are not finished, acknowledgements with attachments, CONNECT out of turn. */
import { describe, expect, it, vi } from 'vitest';
import { TIMEOUT } from './io-support.ts';
import { connected, Polling, QUERY, serve, Wire, withEcho } from './protocol-support.ts';

const PATIENT = { server: { connectTimeout: 60_000 } };

describe('Engine.IO: an upgrade', () => {
  it('lets the poll that waits go with a noop, once the probe is answered', async () => {
    await using server = await serve(PATIENT);
    const session = await Polling.open(server);
    const waiting = session.poll();
    using wire = await new Wire(server, `${QUERY}websocket&sid=${session.sid}`).opened();
    wire.socket.send('2probe');

    expect(await wire.next()).toBe('3probe');
    expect(await waiting).toBe('6');
  });

  it('that breaks off after the probe leaves the session where it was', async () => {
    await using server = await serve(PATIENT);
    withEcho(server);
    const session = await Polling.open(server);
    using wire = await new Wire(server, `${QUERY}websocket&sid=${session.sid}`).opened();
    wire.socket.send('2probe');
    await wire.next();
    wire.socket.terminate();
    await wire.closed();
    await session.push('40');
    await session.push('42["message","still here"]');
    let text = '';
    while (!text.includes('still here')) text += await session.poll();

    expect(text).toContain('42["message-back","still here"]');
  });

  it('whose first packet is no probe is refused, and the session stays', async () => {
    await using server = await serve(PATIENT);
    const session = await Polling.open(server);
    using wire = await new Wire(server, `${QUERY}websocket&sid=${session.sid}`).opened();
    wire.socket.send('abc');
    await wire.closed();

    expect((await session.push('40')).status).toBe(200);
    expect(await session.poll()).toMatch(/^40/);
  });

  it('of a session that ends meanwhile ends with it', async () => {
    await using server = await serve(PATIENT);
    const session = await Polling.open(server);
    using wire = await new Wire(server, `${QUERY}websocket&sid=${session.sid}`).opened();
    wire.socket.send('2probe');
    await wire.next();
    await session.push('1');

    await wire.closed();
    await vi.waitFor(() => expect(server.io.engine.clientsCount).toBe(0), TIMEOUT);
    expect(await session.status()).toBe(400);
  });

  it('of a session that is none gets no WebSocket', async () => {
    await using server = await serve(PATIENT);
    using wire = new Wire(server, `${QUERY}websocket&sid=nobody`);

    await wire.closed();
    expect(wire.heard).toEqual([]);
  });
});

describe('Engine.IO: the handshake by WebSocket', () => {
  it('says all that a client needs, and no more', async () => {
    await using server = await serve(PATIENT);
    using wire = new Wire(server);

    const said = JSON.parse(String(await wire.next()).slice(1));
    expect(Object.keys(said).sort()).toEqual(['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades']);
  });
});

describe('Socket.IO: acknowledgements', () => {
  it('with binary data come back with their number and their attachments', async () => {
    await using server = await serve();
    withEcho(server);
    using wire = await connected(server);
    const holes = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';
    wire.socket.send(`452-789["message-with-ack",${holes}]`);
    wire.socket.send(Buffer.from([1, 2, 3]));
    wire.socket.send(Buffer.from([4, 5, 6]));

    expect(await wire.next()).toBe(`462-789[${holes}]`);
    expect([await wire.next(), await wire.next()]).toEqual([Buffer.from([1, 2, 3]), Buffer.from([4, 5, 6])]);
  });

  it('whose number is none end the connection', async () => {
    await using server = await serve();
    withEcho(server);
    using wire = await connected(server);
    wire.socket.send('42abc["message-with-ack",1]');

    await wire.closed();
  });
});

describe('Socket.IO: CONNECT', () => {
  it('twice to one namespace ends the connection', async () => {
    await using server = await serve();
    withEcho(server);
    using wire = await connected(server);
    wire.socket.send('40');

    await wire.closed();
    await vi.waitFor(() => expect(server.io.of('/').sockets.size).toBe(0), TIMEOUT);
  });

  it('after DISCONNECT is as the first', async () => {
    await using server = await serve(PATIENT);
    withEcho(server);
    using wire = await connected(server);
    wire.socket.send('41');
    await vi.waitFor(() => expect(server.io.of('/').sockets.size).toBe(0), TIMEOUT);
    wire.socket.send('40');

    expect(await wire.next()).toMatch(/^40\{"sid":/);
    expect(await wire.next()).toBe('42["auth",{}]');
  });

  it('to a namespace that nobody serves does not end the others', async () => {
    await using server = await serve();
    withEcho(server);
    using wire = await connected(server);
    wire.socket.send('40/random,');
    expect(await wire.next()).toBe('44/random,{"message":"Invalid namespace"}');
    wire.socket.send('42["message","well"]');

    expect(await wire.next()).toBe('42["message-back","well"]');
  });
});
