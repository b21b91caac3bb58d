/** Recovery of a Socket.IO client is no way back into a room: who has lost it does not get it by breaking the wire. */
import { expect, it, vi } from 'vitest';
import { clientsOf, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

const accounts = {
  authenticate: ({ headers }: { readonly headers: { readonly authorization?: string | undefined } }) => {
    const [, subject] = /^Bearer (\w+)$/.exec(headers.authorization ?? '') ?? [];
    return subject === undefined ? undefined : { subject, roles: [] };
  },
};

it('a client that an operator has put out of a room, and that its rule refuses, is not back in it after a cut', async () => {
  const banned = new Set<string>();
  await using server = await startRooms({
    live: { authenticate: accounts.authenticate },
    rooms: {
      accounts,
      join: ({ identity }) =>
        identity === undefined || banned.has(identity.subject)
          ? { allow: false, status: 403, code: 'FORBIDDEN' }
          : { allow: true },
    },
  });
  using client = await new IoClient(server.url, { auth: { token: 'mallory' } }).welcomed();
  for (const room of ['secret', 'open']) await client.ask('join-room', room);
  await server.publish('room:secret', { message: 'before' });
  await client.got('room-message', 1);
  banned.add('mallory');
  server.live.disconnect({ subject: 'mallory', channel: 'room:secret' });

  client.cut();
  await server.publish('room:secret', { message: 'meanwhile' });
  await client.got('welcome', 2);
  await server.publish('room:secret', { message: 'afterwards' });

  expect(client.socket.recovered).toBe(true);
  expect(await client.ask('room-message', { room: 'secret', message: 1 })).toMatchObject({ code: 'NOT_IN_ROOM' });
  expect(client.of('room-message')).toMatchObject([{ message: 'before' }]);
});

it('a client whose token is gone is nobody when it comes back, and hears nothing of its rooms', async () => {
  await using server = await startRooms({
    live: { authenticate: accounts.authenticate },
    rooms: {
      accounts,
      join: ({ identity }) =>
        identity === undefined ? { allow: false, status: 401, code: 'UNAUTHENTICATED' } : { allow: true },
    },
  });
  using client = await new IoClient(server.url, { auth: { token: 'member' } }).welcomed();
  await client.ask('join-room', 'secret');
  await server.publish('room:secret', { message: 'before' });
  await client.got('room-message', 1);
  client.socket.auth = {};

  client.cut();
  await server.publish('room:secret', { message: 'meanwhile' });
  await client.got('welcome', 2);
  await server.publish('room:secret', { message: 'afterwards' });

  expect(await client.ask('join-room', 'secret')).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect([client.socket.recovered, client.of('room-message')]).toMatchObject([false, [{ message: 'before' }]]);
  await vi.waitFor(() => expect(clientsOf(server).map(({ identity }) => identity)).toEqual(['']), TIMEOUT);
});
