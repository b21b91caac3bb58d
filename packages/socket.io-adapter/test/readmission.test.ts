/** Who comes back gets nothing that it would not get now: recovery is no way around a rule, a middleware or another user's name. */
import type { Identity } from 'fanfare';
import type { Socket as ServerSocket } from 'socket.io';
import { describe, expect, it, vi } from 'vitest';
import { type Client, type IoServer, type Options, startIo, TIMEOUT } from './io-support.ts';

type Users = Map<string, Identity>;

/** Signs in by `auth: { token }`; who has none is nobody, and who has an unknown one is refused. */
async function startWithUsers(
  options: Options = {},
): Promise<IoServer & AsyncDisposable & { readonly users: Users; readonly asked: string[] }> {
  const users: Users = new Map(['ann', 'eve'].map((subject) => [subject, { subject, roles: [] }]));
  const identities = new WeakMap<ServerSocket, Identity>();
  const asked: string[] = [];
  const server = await startIo({
    ...options,
    adapter: { identityOf: (socket) => identities.get(socket), ...options.adapter },
  });
  server.io.use((socket, next) => {
    const { token } = socket.handshake.auth;
    const identity = users.get(token);
    asked.push(String(token));
    if (token !== undefined && identity === undefined) return next(new Error('UNAUTHENTICATED'));
    if (identity !== undefined) identities.set(socket, identity);
    next();
  });
  server.io.on('connection', (socket) => {
    if (!socket.recovered) socket.data.since = socket.id;
    socket.on('join', async (room: string, done: () => void) => {
      await socket.join(room);
      done();
    });
    socket.on('rooms', (done: (rooms: readonly string[], data: unknown) => void) => {
      done([...socket.rooms].sort(), socket.data);
    });
  });
  return { ...server, users, asked };
}

/** Is in `own` and in `ruled:a`, has heard 0 of each, and has gone. */
async function gone(
  server: IoServer,
  token: string,
): Promise<Client & { readonly presents: Presents; readonly id: string }> {
  const client = await server.connect({ auth: { token }, reconnection: false }).connected();
  for (const room of ['own', 'ruled:a']) await client.socket.emitWithAck('join', room);
  server.io.to('own').emit('own', 0);
  await server.live.channel('ruled:a').publish('said', 0);
  await Promise.all(['own', 'said'].map((name) => client.got(name, 1)));
  const presents = { pid: String(Reflect.get(client.socket, '_pid')), offset: String(client.events.at(-1)?.at(-1)) };
  const { id = '' } = client.socket;
  client.cut();
  await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(0), TIMEOUT);
  return Object.assign(client, { presents, id });
}

interface Presents {
  readonly pid: string;
  readonly offset: string;
}

async function publishSecrets({ io, live }: IoServer): Promise<void> {
  io.to('own').emit('own', 'secret');
  // Past the channel, and for the room all the same.
  io.to('ruled:a').except('nobody').emit('said', 'secret');
  await live.channel('ruled:a').publish('said', 'secret');
}

async function roomsOf({ socket }: Client): Promise<{ readonly rooms: unknown; readonly data: unknown }> {
  const [rooms, data] = await new Promise<unknown[]>((resolve) =>
    socket.emit('rooms', (...all: unknown[]) => resolve(all)),
  );
  return { rooms, data };
}

/** Everything that was sent to it before this is there. */
async function settled(server: IoServer, client: Client): Promise<void> {
  server.io.emit('last', 1);
  await client.got('last', 1);
}

describe('a client that says it is back', () => {
  it('is who it was where it still is the same subject, in the rooms that it may be in', async () => {
    await using server = await startWithUsers();
    const before = await gone(server, 'ann');
    await publishSecrets(server);

    const client = server.connect({ auth: { token: 'ann', ...before.presents } });
    await client.connected();

    expect(await client.got('own', 1)).toEqual(['secret']);
    expect(await client.got('said', 2)).toEqual(['secret', 'secret']);
    const { rooms, data } = await roomsOf(client);
    expect(rooms).toEqual([client.socket.id, 'own', 'ruled:a'].sort());
    expect(data).toEqual({ since: client.socket.id });
    expect(server.io.sockets.sockets.get(client.socket.id ?? '')?.recovered).toBe(true);
    expect(server.io.sockets.sockets.size).toBe(1);
    expect(server.errors).toEqual([]);
  });

  it('is who it was where its credential never ends', async () => {
    await using server = await startWithUsers();
    const endless = { issuedAt: Number.NEGATIVE_INFINITY, expiresAt: Number.POSITIVE_INFINITY };
    server.users.set('ann', { subject: 'ann', roles: [], ...endless });
    const before = await gone(server, 'ann');

    const client = await server.connect({ auth: { token: 'ann', ...before.presents } }).connected();

    expect(client.socket.id).toBe(before.id);
  });

  it('is asked the rule of a channel again, and gets nothing of a room that refuses it now', async () => {
    let mayJoin = true;
    await using server = await startWithUsers({
      mayJoin: () => (mayJoin ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN' }),
    });
    const before = await gone(server, 'ann');
    mayJoin = false;
    await publishSecrets(server);

    const client = server.connect({ auth: { token: 'ann', ...before.presents } });
    await client.connected();
    expect(await client.got('own', 1)).toEqual(['secret']);
    await publishSecrets(server);
    await client.got('own', 2);
    await settled(server, client);

    expect(client.of('said')).toEqual([]);
    expect((await roomsOf(client)).rooms).toEqual([client.socket.id, 'own'].sort());
    expect(server.live.connections().find(({ label }) => label === 'socket.io')?.channels).toEqual([]);
  });

  it('keeps its rooms where the wire breaks again before the rule has answered', async () => {
    let answer: (() => void) | undefined;
    let waits = false;
    await using server = await startWithUsers({
      mayJoin: async () => {
        if (waits)
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
        return { allow: true };
      },
    });
    const before = await gone(server, 'ann');
    waits = true;
    const first = server.connect({ auth: { token: 'ann', ...before.presents }, reconnection: false });
    await vi.waitFor(() => expect(answer).toBeDefined(), TIMEOUT);
    await publishSecrets(server);
    expect(first.events).toEqual([]);
    first.cut();
    await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(0), TIMEOUT);
    waits = false;
    answer?.();

    const second = server.connect({ auth: { token: 'ann', ...before.presents } });
    await second.connected();

    expect(await second.got('own', 1)).toEqual(['secret']);
    expect(await second.got('said', 2)).toEqual(['secret', 'secret']);
  });

  it('comes again, and loses nothing, where the rule fails for a while', async () => {
    let fails = 0;
    await using server = await startWithUsers({
      mayJoin: () => {
        if (fails === 0) return { allow: true };
        fails -= 1;
        return { allow: false, status: 429, code: 'BUSY' };
      },
    });
    const before = await gone(server, 'ann');
    fails = 2;
    await publishSecrets(server);

    const client = server.connect({ auth: { token: 'ann', ...before.presents } });

    expect(await client.got('said', 2)).toEqual(['secret', 'secret']);
    expect(client.of('own')).toEqual(['secret']);
    expect((await roomsOf(client)).rooms).toEqual([before.id, 'own', 'ruled:a'].sort());
    expect(fails).toBe(0);
  });

  it.each([['eve'], [undefined]])('with the session of another user is new: %s', async (token) => {
    await using server = await startWithUsers();
    const before = await gone(server, 'ann');
    await publishSecrets(server);

    const client = server.connect({ auth: { ...(token && { token }), ...before.presents } });
    await client.connected();
    server.io.to(before.id).emit('own', 'for ann alone');
    await publishSecrets(server);
    await settled(server, client);

    expect(client.socket.recovered).toBe(false);
    expect([client.of('own'), client.of('said')]).toEqual([[], []]);
    const { rooms, data } = await roomsOf(client);
    expect(rooms).toEqual([client.socket.id]);
    expect(data).toEqual({ since: client.socket.id });
    expect(Reflect.get(client.socket, '_pid')).not.toBe(before.presents.pid);
    // And the session is still there for whose it is.
    const back = await server.connect({ auth: { token: 'ann', ...before.presents } }).connected();
    expect(await back.got('own', 3)).toEqual(['secret', 'for ann alone', 'secret']);
  });

  it('that a middleware refuses has got nothing by then', async () => {
    await using server = await startWithUsers();
    const before = await gone(server, 'ann');
    await publishSecrets(server);
    const client = server.connect({ auth: { token: 'unknown', ...before.presents }, reconnection: false });
    const written: unknown[] = [];
    client.socket.io.on('open', () => client.socket.io.engine.on('data', (data) => written.push(data)));

    const refusal = await new Promise<Error>((resolve) => client.socket.once('connect_error', resolve));

    expect(refusal.message).toBe('UNAUTHENTICATED');
    expect(written.filter((data) => !/^4{/.test(String(data)))).toEqual([]);
  });

  it('is new where the credential that it had is revoked or expired, with a fresh one, too', async () => {
    await using server = await startWithUsers();
    for (const end of ['expired', 'revoked'] as const) {
      const expiresAt = end === 'expired' ? Date.now() + 1500 : undefined;
      server.users.set('ann', {
        subject: 'ann',
        roles: [],
        issuedAt: 1,
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
      const before = await gone(server, 'ann');
      await publishSecrets(server);
      if (end === 'revoked') await server.live.revoke({ subject: 'ann', issuedBefore: 1 });
      else
        await vi.waitFor(
          () => expect(server.live.isInForce({ subject: 'bob', expiresAt: expiresAt ?? 0 })).toBe(false),
          TIMEOUT,
        );
      server.users.set('ann', { subject: 'ann', roles: [], issuedAt: 2 });

      const client = await server.connect({ auth: { token: 'ann', ...before.presents } }).connected();
      await settled(server, client);

      expect([end, client.of('own'), client.of('said')]).toEqual([end, [], []]);
      client.socket.disconnect();
      await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(0), TIMEOUT);
      server.users.set('ann', { subject: 'ann', roles: [], issuedAt: 2 });
    }
  }, 40_000);

  it('comes once more, past the middlewares, where they were skipped and it is another', async () => {
    await using server = await startWithUsers({ server: { connectionStateRecovery: { skipMiddlewares: true } } });
    const before = await gone(server, 'ann');
    await publishSecrets(server);
    server.asked.length = 0;

    const client = server.connect({ auth: { token: 'eve', ...before.presents } });
    await vi.waitFor(() => expect(server.asked).toEqual(['eve']), TIMEOUT);
    await client.connected();
    await settled(server, client);

    expect(client.socket.recovered).toBe(false);
    expect([client.of('own'), client.of('said')]).toEqual([[], []]);
    expect(server.io.sockets.sockets.size).toBe(1);
  });
});
