/** What passes with time, on both protocols: a credential that runs out while its client is connected, and no room for one more. */
import type { Identity } from 'fanfare';
import { describe, expect, it, vi } from 'vitest';
import { clientsOf, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

/** Whoever comes with `Bearer NAME` is NAME, as long as the test says. */
function usersOf(identity: (subject: string) => Omit<Identity, 'subject' | 'roles'> = () => ({})) {
  const authenticate = ({ headers }: { readonly headers: { readonly authorization?: string | undefined } }) => {
    const [, subject] = /^Bearer (\w+)$/.exec(headers.authorization ?? '') ?? [];
    return subject === undefined ? undefined : { subject, roles: [], ...identity(subject) };
  };
  return { rooms: { accounts: { authenticate } }, live: { authenticate } };
}

const as = (subject: string): { readonly Authorization: string } => ({ Authorization: `Bearer ${subject}` });

describe('a credential that expires while its client is connected', () => {
  it('ends a client of /ws with 1008 and the reason, and the others stay', async () => {
    const { rooms, live } = usersOf((subject) => (subject === 'ann' ? { expiresAt: Date.now() + 1500 } : {}));
    await using server = await startRooms({ rooms, live: { ...live, limits: { credentialGraceMs: 0 } } });
    using ann = await server.connect({ headers: as('ann') }).welcomed();
    using bob = await server.connect({ headers: as('bob') }).welcomed();
    await ann.ask({ type: 'join-room', room: 'a' });

    expect(await ann.ended()).toEqual({ code: 1008, reason: 'the credential expired; reconnect with a fresh one' });
    expect(await bob.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
    expect(server.rooms.getConnectedCount()).toBe(1);
    expect(server.log.at(-1)?.facts).toMatchObject({ clientId: ann.clientId, code: 1008, by: 'server' });
  });

  it.each([['websocket'], ['polling']])(
    'tells a client of Socket.IO over %s, which comes back as whom its next credential says',
    async (transport) => {
      let lasts = 1500;
      const { rooms, live } = usersOf(() => ({ expiresAt: Date.now() + lasts }));
      await using server = await startRooms({ rooms, live: { ...live, limits: { credentialGraceMs: 0 } } });
      using ann = await new IoClient(server.url, { auth: { token: 'ann' }, transports: [transport] }).welcomed();
      await ann.ask('join-room', 'a');
      lasts = 600_000;

      expect(await ann.got('error', 1)).toEqual([
        { type: 'error', code: 'CREDENTIAL_EXPIRED', message: 'the credential expired; reconnect with a fresh one' },
      ]);
      await ann.got('welcome', 2);
      expect(await ann.ask('ping')).toMatchObject({ type: 'pong' });
      expect(clientsOf(server).map(({ identity }) => identity)).toEqual(['ann']);
    },
  );
});

describe('no room for one more', () => {
  it.each([
    ['user', { maxConnectionsPerUser: 2 }],
    ['address', { maxConnectionsPerAddress: 2 }],
  ] as const)('of one %s: over /ws it is told TOO_MANY_CONNECTIONS, and 1013', async (_, limits) => {
    const { rooms, live } = usersOf();
    await using server = await startRooms({ rooms, live: { ...live, limits, trustedHops: 1 } });
    const headers = { ...as('ann'), 'X-Forwarded-For': '203.0.113.9' };
    using first = await server.connect({ headers }).welcomed();
    using second = await server.connect({ headers }).welcomed();
    using third = server.connect({ headers });
    using other = await server.connect({ headers: { ...as('bob'), 'X-Forwarded-For': '203.0.113.10' } }).welcomed();

    expect(await third.ended()).toMatchObject({ code: 1013 });
    expect(third.messages).toMatchObject([{ type: 'error', code: 'TOO_MANY_CONNECTIONS' }]);
    for (const client of [first, second, other])
      expect(await client.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
    first.socket.close();
    await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(2), TIMEOUT);
    using fourth = await server.connect({ headers }).welcomed();
    expect(await fourth.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
  });

  it.each([['websocket'], ['polling']])(
    'of one user: over Socket.IO, %s, it is told, and comes in by itself when there is',
    async (transport) => {
      const { rooms, live } = usersOf();
      await using server = await startRooms({ rooms, live: { ...live, limits: { maxConnectionsPerUser: 2 } } });
      const how = { transports: [transport], auth: { token: 'ann' } };
      using first = await new IoClient(server.url, how).welcomed();
      using second = await new IoClient(server.url, how).welcomed();
      using third = new IoClient(server.url, how);

      expect(await third.got('error', 1)).toMatchObject([{ code: 'TOO_MANY_CONNECTIONS' }]);
      await third.got('error', 2);
      expect(third.of('welcome')).toEqual([]);
      expect(server.rooms.getConnectedCount()).toBe(2);
      expect(await second.ask('ping')).toMatchObject({ type: 'pong' });
      first.socket.disconnect();
      await third.welcomed();
      expect(await third.ask('ping')).toMatchObject({ type: 'pong' });
      // Who was refused is no client that somebody forgot.
      await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(2), TIMEOUT);
      expect(clientsOf(server)).toHaveLength(2);
    },
  );

  it.each([['websocket'], ['polling']])(
    'of one address: over Socket.IO, %s, it gets no session, and comes in by itself when there is',
    async (transport) => {
      await using server = await startRooms({ live: { limits: { maxConnectionsPerAddress: 2 }, trustedHops: 1 } });
      const extraHeaders = { 'X-Forwarded-For': '203.0.113.9' };
      using first = await new IoClient(server.url, { transports: [transport], extraHeaders }).welcomed();
      using second = await new IoClient(server.url, { transports: [transport], extraHeaders }).welcomed();
      using third = new IoClient(server.url, { transports: [transport], extraHeaders });
      const asked = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: extraHeaders });

      expect([asked.status, Object(await asked.json()).error.code]).toEqual([503, 'TOO_MANY_CONNECTIONS']);
      await vi.waitFor(() => expect(third.refusals.length).toBeGreaterThan(1), TIMEOUT);
      expect(await second.ask('ping')).toMatchObject({ type: 'pong' });
      first.socket.disconnect();
      await third.welcomed();
      expect(server.rooms.getConnectedCount()).toBe(2);
    },
  );
});
