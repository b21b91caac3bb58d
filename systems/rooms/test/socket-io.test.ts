/** The rooms over Socket.IO, with an unmodified socket.io-client: the contract with acks, and every crossing to the other wires. */
import { describe, expect, it } from 'vitest';
import { startRooms } from './rooms-support.ts';
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
