/** Sessions, over a real socket: who a request comes from, until when, and that no other site can borrow it. */
import { randomBytes } from 'node:crypto';
import { UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { logIn, startAccounts } from './accounts-server.ts';

/** With the lifetime of its session, 12 hours, and the id by which that is found. */
const UMPIRE = {
  ...{ subject: '3', roles: ['umpire'], name: 'Lê Minh Anh' },
  tokenId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  issuedAt: Date.parse('2026-03-01T08:00:00Z'),
  expiresAt: Date.parse('2026-03-01T20:00:00Z'),
};

describe('authenticate', () => {
  it('knows a user by the cookie, and by the token as Bearer', async () => {
    await using server = await startAccounts();
    const { cookie, bearer } = await logIn(server, 'umpire');

    expect(await (await server.get('/whoami', { Cookie: `theme=dark; ${cookie}; x=1` })).json()).toEqual(UMPIRE);
    expect(await (await server.get('/whoami', bearer)).json()).toEqual(UMPIRE);
    expect(await (await server.get('/whoami')).json()).toBeNull();
  });

  it('does not fall back to the cookie beside a Bearer token that is wrong', async () => {
    await using server = await startAccounts();
    const { cookie } = await logIn(server, 'umpire');

    const who = await server.get('/whoami', { Cookie: cookie, Authorization: 'Bearer wrong' });

    expect(await who.json()).toBeNull();
    for (const Authorization of ['Bearer a b', 'Bearer', 'Basic YTpi']) {
      expect(await (await server.get('/whoami', { Cookie: cookie, Authorization })).json()).toBeNull();
    }
  });

  it('takes no token from the URL, and none of another kind of credential', async () => {
    await using server = await startAccounts();
    const { token } = await logIn(server, 'umpire');

    expect(await (await server.get(`/whoami?token=${token}&access_token=${token}`)).json()).toBeNull();
    expect(await (await server.get('/whoami', { Authorization: `Basic ${token}` })).json()).toBeNull();
    expect(await (await server.get('/whoami', { Authorization: 'Bearer' })).json()).toBeNull();
  });

  it('refuses a token that nobody signed, and one of another server', async () => {
    await using server = await startAccounts();
    await using other = await startAccounts();
    const claims = { iss: 'fanfare', aud: 'fanfare-accounts', sub: '1', jti: 'x', iat: 0, exp: 1e10 };
    const unsigned = new UnsecuredJWT(claims).encode();
    const foreign = await logIn(other, 'admin');

    expect(await (await server.get('/whoami', { Authorization: `Bearer ${unsigned}` })).json()).toBeNull();
    expect(await (await server.get('/whoami', foreign.bearer)).json()).toBeNull();
    expect(await (await other.get('/whoami', foreign.bearer)).json()).toMatchObject({ roles: ['admin'] });
  });

  it('forgets a session when its time is over', async () => {
    await using server = await startAccounts();
    const { bearer } = await logIn(server, 'umpire');
    server.clock.ms += 12 * 3_600_000 - 1000;
    expect(await (await server.get('/whoami', bearer)).json()).toEqual(UMPIRE);

    server.clock.ms += 1000;

    expect(await (await server.get('/whoami', bearer)).json()).toBeNull();
  });

  it('sees a change of roles, and the end of a user, at the next request', async () => {
    await using server = await startAccounts();
    const { bearer } = await logIn(server, 'umpire');

    server.database.exec(`UPDATE accounts_users SET roles = 'spectator' WHERE username = 'umpire'`);
    expect(await (await server.get('/whoami', bearer)).json()).toMatchObject({ roles: ['spectator'] });

    server.database.exec(`DELETE FROM accounts_users WHERE username = 'umpire'`);
    expect(await (await server.get('/whoami', bearer)).json()).toBeNull();
  });

  it('keeps its sessions over a restart, because the secret is kept with the users', async () => {
    await using before = await startAccounts();
    const { bearer } = await logIn(before, 'umpire');

    await using after = await startAccounts({ database: before.database });
    await using elsewhere = await startAccounts({ database: before.database, secret: randomBytes(32) });

    expect(await (await after.get('/whoami', bearer)).json()).toEqual(UMPIRE);
    expect(await (await elsewhere.get('/whoami', bearer)).json()).toBeNull();
  });
});

describe('a cookie with a change', () => {
  const table: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
    ['our own page', { Origin: 'SELF' }, true],
    ['our own page behind a proxy that ends TLS', { Origin: 'SELF_TLS' }, true],
    ['a page that the operator allowed', { Origin: 'https://app.example.com' }, true],
    ['a program, which names no origin', {}, true],
    ['another site', { Origin: 'https://evil.example' }, false],
    ['another site that begins like ours', { Origin: 'SELF.evil.example' }, false],
    ['another port of this host', { Origin: 'http://127.0.0.1:1' }, false],
    ['a sandboxed frame', { Origin: 'null' }, false],
    ['another site, in a browser that names no origin', { 'Sec-Fetch-Site': 'cross-site' }, false],
    ['a sibling domain, in a browser that names no origin', { 'Sec-Fetch-Site': 'same-site' }, false],
  ];

  it.each(table)('from %s', async (_, headers, allowed) => {
    await using server = await startAccounts({ allowedOrigins: ['https://app.example.com'] });
    const { cookie, bearer } = await logIn(server, 'umpire');
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        value.replace('SELF_TLS', server.url.replace('http:', 'https:')).replace('SELF', server.url),
      ]),
    );

    const who = await server.post('/whoami', {}, { ...filled, Cookie: cookie });

    expect(await who.json()).toEqual(allowed ? UMPIRE : null);
    const asBearer = await server.post('/whoami', {}, { ...filled, ...bearer });
    expect(await asBearer.json(), 'a Bearer token is never sent by a browser alone').toEqual(UMPIRE);
    const logout = await server.post('/api/logout', {}, { ...filled, Cookie: cookie });
    expect(logout.status).toBe(allowed ? 204 : 403);
    const login = await server.post('/api/login', { username: 'admin', password: 'demo' }, filled);
    expect(login.status).toBe(allowed ? 200 : 403);
    expect(login.headers.getSetCookie()).toHaveLength(allowed ? 1 : 0);
  });
});

describe('POST /api/logout', () => {
  it('ends the session for whoever has a copy of the token, also after a restart, and removes the cookie', async () => {
    await using server = await startAccounts();
    const { cookie, bearer } = await logIn(server, 'umpire');
    const other = await logIn(server, 'umpire');

    const response = await server.post('/api/logout', {}, { Cookie: cookie });

    expect(response.status).toBe(204);
    expect(response.headers.getSetCookie()[0]).toMatch(/^fanfare_session=; Path=\/; Max-Age=0;/);
    expect(await (await server.get('/whoami', bearer)).json()).toBeNull();
    expect(await (await server.get('/whoami', other.bearer)).json(), 'another session goes on').toEqual(UMPIRE);
    await using after = await startAccounts({ database: server.database });
    expect(await (await after.get('/whoami', bearer)).json()).toBeNull();
  });

  it('is no error without a session', async () => {
    await using server = await startAccounts();

    expect((await server.post('/api/logout', {})).status).toBe(204);
  });

  it('forgets ended sessions when their tokens have expired by themselves', async () => {
    await using server = await startAccounts();
    for (const day of [0, 1, 2]) {
      server.clock.ms += day * 86_400_000;
      await server.post('/api/logout', {}, { Cookie: (await logIn(server, 'umpire')).cookie });
    }

    expect(server.database.prepare('SELECT count(*) AS n FROM accounts_ended_sessions').get()).toEqual({ n: 1 });
  });
});

describe('GET /api/me', () => {
  it('names the user, or nobody', async () => {
    await using server = await startAccounts();
    const { cookie } = await logIn(server, 'umpire');

    expect(await (await server.get('/api/me', { Cookie: cookie })).json()).toEqual({
      user: { id: 3, username: 'umpire', roles: ['umpire'], name: 'Lê Minh Anh' },
    });
    expect(await (await server.get('/api/me')).json()).toEqual({ user: null });
  });

  it('refuses a session that has ended, takes its cookie away, and repeats nothing of it', async () => {
    await using server = await startAccounts();
    const { cookie, token } = await logIn(server, 'umpire');
    server.clock.ms += 86_400_000;

    const response = await server.get('/api/me', { Cookie: cookie });

    const text = await response.text();
    expect(response.status).toBe(401);
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'SESSION_INVALID' } });
    expect(response.headers.getSetCookie()[0]).toMatch(/Max-Age=0/);
    for (const part of token.split('.')) expect(text + [...response.headers].join()).not.toContain(part);
  });
});

describe('the users', () => {
  it('are found by id and listed by role, as they are now', async () => {
    await using server = await startAccounts();
    const { accounts } = server;
    const made = await accounts.createUser({
      username: 'mai',
      password: 'x',
      roles: ['spectator', 'staff'],
      name: 'Mai',
    });

    expect(accounts.findUser(made.id)).toEqual(made);
    expect(accounts.findUser(99)).toBeUndefined();
    expect(accounts.listUsers('spectator').map(({ username }) => username)).toEqual(['spectator', 'mai']);
    expect(accounts.listUsers('staff')).toEqual([made]);
    expect(accounts.listUsers()).toHaveLength(6);
  });
});
