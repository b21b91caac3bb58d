/** What a client of `/ws` is refused, in which words, and what becomes of its connection. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startRooms } from './rooms-support.ts';

describe('what a client of /ws is refused', () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    ['no JSON', '{"type":"ping"', 'BAD_JSON'],
    ['nothing', '', 'BAD_JSON'],
    ['a bare word', 'hello', 'BAD_JSON'],
    ['JSON that is no object', '[]', 'BAD_MESSAGE'],
    ['null', 'null', 'BAD_MESSAGE'],
    ['an object without a type', {}, 'BAD_MESSAGE'],
    ['a type that is no text', { type: 7 }, 'BAD_MESSAGE'],
    ['a type that nobody knows', { type: 'dance' }, 'UNKNOWN_TYPE'],
    ['a type that every object has', { type: 'constructor' }, 'UNKNOWN_TYPE'],
    ['a type of its own answers', { type: 'welcome' }, 'UNKNOWN_TYPE'],
    ['an echo of nothing', { type: 'echo' }, 'FIELD_MISSING'],
    ['a broadcast of nothing', { type: 'broadcast' }, 'FIELD_MISSING'],
    ['a room without a name', { type: 'join-room' }, 'ROOM_NAME_INVALID'],
    ['a room with an empty name', { type: 'join-room', room: '' }, 'ROOM_NAME_INVALID'],
    ['a room with a name of two segments', { type: 'join-room', room: 'a:b' }, 'ROOM_NAME_INVALID'],
    ['a room with a pattern for a name', { type: 'join-room', room: '*' }, 'ROOM_NAME_INVALID'],
    ['a room with a line break in its name', { type: 'join-room', room: 'a\nb' }, 'ROOM_NAME_INVALID'],
    ['a room with a long name', { type: 'join-room', room: 'x'.repeat(101) }, 'ROOM_NAME_INVALID'],
    ['a room whose name is no text', { type: 'leave-room', room: ['a'] }, 'ROOM_NAME_INVALID'],
    ['a `since` that is no text', { type: 'join-room', room: 'a', since: 7 }, 'POSITION_INVALID'],
    ['a `since` that no server wrote', { type: 'join-room', room: 'a', since: 'a b' }, 'POSITION_INVALID'],
    ['a message to a room it is not in', { type: 'room-message', room: 'a', message: 1 }, 'NOT_IN_ROOM'],
    ['a message to a room without a message', { type: 'room-message', room: 'a' }, 'FIELD_MISSING'],
    ['33 levels', `{"type":"echo","message":${'['.repeat(32)}${']'.repeat(32)}}`, 'TOO_DEEP'],
    ['10 000 levels', '['.repeat(10_000), 'TOO_DEEP'],
    ['a number that nobody can pass on', '{"type":"broadcast","message":[1e999]}', 'NUMBER_TOO_LARGE'],
    ['one with many digits', `{"type":"echo","message":-1${'0'.repeat(250)}e99}`, 'NUMBER_TOO_LARGE'],
  ];

  it.each(cases)('%s, in words, and the connection stays', async (_, message, code) => {
    await using server = await startRooms();
    using client = await server.connect().welcomed();

    expect(await client.ask(message)).toEqual({ type: 'error', code, message: expect.stringMatching(/\.$/) });
    expect((await client.ask({ type: 'ping' })).type).toBe('pong');
    expect(server.rooms.getConnectedCount()).toBe(1);
  });

  it('binary data, and the connection stays', async () => {
    await using server = await startRooms();
    using client = await server.connect().welcomed();
    client.socket.send(Buffer.from('{"type":"ping"}'));

    expect(await client.next()).toMatchObject({ type: 'error', code: 'TEXT_EXPECTED' });
    expect((await client.ask({ type: 'ping' })).type).toBe('pong');
  });

  it('in its own language', async () => {
    await using server = await startRooms();
    using client = await server.connect({ headers: { 'Accept-Language': 'vi' } }).welcomed();

    expect(await client.ask('{')).toEqual({ type: 'error', code: 'BAD_JSON', message: 'Thông điệp không phải JSON.' });
  });

  it('one room too many', async () => {
    await using server = await startRooms({ rooms: { maxRooms: 2 } });
    using client = await server.connect().welcomed();
    await client.ask({ type: 'join-room', room: 'a' });
    await client.ask({ type: 'join-room', room: 'b' });

    expect(await client.ask({ type: 'join-room', room: 'c' })).toMatchObject({ type: 'error', code: 'TOO_MANY_ROOMS' });
    expect((await client.ask({ type: 'join-room', room: 'a' })).type).toBe('room-joined');
    await client.ask({ type: 'leave-room', room: 'a' });
    expect((await client.ask({ type: 'join-room', room: 'c' })).type).toBe('room-joined');
  });

  it('a broadcast where the operator does not want any', async () => {
    await using server = await startRooms({ rooms: { broadcast: false } });
    using client = await server.connect().welcomed();

    expect(await client.ask({ type: 'broadcast', message: 1 })).toMatchObject({ code: 'BROADCAST_DISABLED' });
  });

  it('what comes too fast; and who keeps it up is sent away with 1008', async () => {
    await using server = await startRooms({ rooms: { rate: { perSecond: 1, burst: 5 } } });
    using client = await server.connect().welcomed();
    for (let n = 0; n < 8; n += 1) client.send({ type: 'ping' });
    for (let n = 0; n < 8; n += 1) await client.next();
    const types = client.messages.slice(1).map(({ type, code }) => code ?? type);
    expect(types.filter((type) => type === 'pong').length).toBe(5);
    expect(types.filter((type) => type === 'RATE_LIMITED').length).toBe(3);

    for (let n = 0; n < 8; n += 1) client.send({ type: 'ping' });
    expect((await client.ended())?.code).toBe(1008);
  });

  it('a message larger than the limit, with 1009, before it is read', async () => {
    await using server = await startRooms({ rooms: { maxMessageBytes: 1000 } });
    using client = await server.connect().welcomed();
    client.send({ type: 'echo', message: 'x'.repeat(1000) });

    expect((await client.ended())?.code).toBe(1009);
  });

  it('a payload that the hub does not take', async () => {
    await using server = await startRooms({ rooms: { maxMessageBytes: 200_000 } });
    using client = await server.connect({ headers: { 'Accept-Language': 'vi' } }).welcomed();
    await client.ask({ type: 'join-room', room: 'a' });

    const refused = await client.ask({ type: 'room-message', room: 'a', message: 'x'.repeat(70_000) });

    expect(refused).toMatchObject({ type: 'error', code: 'BODY_TOO_LARGE' });
    expect((await client.ask({ type: 'ping' })).type).toBe('pong');
  });

  it('rooms by the rule of who may join, and sending by the rule of who may send', async () => {
    await using server = await startRooms({
      rooms: {
        join: ({ params, identity }) =>
          params['room'] === 'staff' && identity === undefined
            ? { allow: false, status: 401, code: 'UNAUTHENTICATED' }
            : { allow: true },
        send: ({ params }) =>
          params['room'] === 'news'
            ? { allow: false, status: 403, code: 'READ_ONLY', message: 'Only to read.' }
            : { allow: true },
      },
    });
    using client = await server.connect().welcomed();

    expect(await client.ask({ type: 'join-room', room: 'staff' })).toMatchObject({
      type: 'error',
      code: 'UNAUTHENTICATED',
    });
    expect((await client.ask({ type: 'join-room', room: 'news' })).type).toBe('room-joined');
    expect(await client.ask({ type: 'room-message', room: 'news', message: 1 })).toEqual({
      type: 'error',
      code: 'READ_ONLY',
      message: 'Only to read.',
    });
    const sse = await fetch(`${server.url}/live/sse?channel=room:staff`);
    expect(sse.status).toBe(401);
  });

  it('a page of another origin: 403 before there is a WebSocket', async () => {
    await using server = await startRooms();
    for (const Origin of ['https://evil.example', 'null']) {
      using client = server.connect({ headers: { Origin } });
      const [, response] = await once(client.socket, 'unexpected-response');
      expect(response.statusCode).toBe(403);
    }
    using own = await server.connect({ headers: { Origin: server.url } }).welcomed();
    expect((await own.ask({ type: 'ping' })).type).toBe('pong');
  });

  it('any other path: it is not ours', async () => {
    await using server = await startRooms();
    using client = server.connect({ path: '/ws/else' });

    expect((await client.ended())?.code).toBe(1006);
    expect((await fetch(`${server.url}/ws`)).status).toBe(404);
  });
});
