/** What the protocol document of Socket.IO (revision 5) expects of a server, as that of Engine.IO in its own file. */
import { describe, expect, it, vi } from 'vitest';
import { TIMEOUT } from './io-support.ts';
import { connected, serve, Wire, withEcho } from './protocol-support.ts';

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
