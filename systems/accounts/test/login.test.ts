/** Logging in, over a real socket: what a good login gives, and that a bad one gives and changes nothing. */
import { describe, expect, it } from 'vitest';
import { logIn, startAccounts } from './accounts-server.ts';
import { holdThreads } from './hold-threads.ts';

describe('POST /api/login', () => {
  it('answers with a token, the user, and a cookie that scripts and other sites cannot use', async () => {
    await using server = await startAccounts();

    const response = await server.post('/api/login', { username: 'umpire', password: 'demo' });

    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const body = await response.json();
    expect(body).toEqual({
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      user: { id: 3, username: 'umpire', roles: ['umpire'], name: 'Lê Minh Anh' },
    });
    expect(response.headers.getSetCookie()).toEqual([
      `fanfare_session=${body.token}; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax`,
    ]);
  });

  it('takes the username in any case', async () => {
    await using server = await startAccounts();

    expect((await server.post('/api/login', { username: 'UMPIRE', password: 'demo' })).status).toBe(200);
  });

  it('says the same of a wrong password and of an unknown user, in the reader’s language', async () => {
    await using server = await startAccounts();
    const attempt = async (username: string, language: string): Promise<unknown> => {
      const headers = { 'Accept-Language': language };
      const response = await server.post('/api/login', { username, password: 'wrong' }, headers);
      return { status: response.status, cookies: response.headers.getSetCookie(), body: await response.json() };
    };

    const known = await attempt('umpire', 'en');

    expect(known).toEqual({
      status: 401,
      cookies: [],
      body: { error: { code: 'LOGIN_INVALID', message: 'The username or the password is wrong.' } },
    });
    expect(await attempt('nobody', 'en')).toEqual(known);
    expect(await attempt('nobody', 'vi')).toMatchObject({
      body: { error: { code: 'LOGIN_INVALID', message: 'Tên đăng nhập hoặc mật khẩu không đúng.' } },
    });
  });

  const bad: Readonly<Record<string, [body: string, status: number, code: string]>> = {
    'no JSON': ['{"username":', 400, 'JSON_INVALID'],
    nothing: ['', 400, 'BODY_MISSING'],
    'a list': ['[]', 400, 'FIELD_INVALID'],
    null: ['null', 400, 'FIELD_INVALID'],
    'no username': ['{"password":"demo"}', 400, 'FIELD_MISSING'],
    'no password': ['{"username":"umpire"}', 400, 'FIELD_MISSING'],
    'an empty password': ['{"username":"umpire","password":""}', 400, 'FIELD_INVALID'],
    'a username that is no text': ['{"username":{"$ne":null},"password":"demo"}', 400, 'FIELD_INVALID'],
    'a password that is no text': ['{"username":"umpire","password":["demo"]}', 400, 'FIELD_INVALID'],
    'a very long username': [JSON.stringify({ username: 'u'.repeat(65), password: 'demo' }), 400, 'FIELD_INVALID'],
    'a very long password': [JSON.stringify({ username: 'umpire', password: 'p'.repeat(1025) }), 400, 'FIELD_INVALID'],
    'line ends and NUL': [JSON.stringify({ username: 'umpire\r\n\0', password: 'demo' }), 401, 'LOGIN_INVALID'],
    'SQL for a username': [JSON.stringify({ username: "' OR 1=1 --", password: 'demo' }), 401, 'LOGIN_INVALID'],
    'an inherited field': ['{"__proto__":{"username":"umpire","password":"demo"}}', 400, 'FIELD_UNKNOWN'],
    '65 KiB': [JSON.stringify({ username: 'umpire', password: 'p'.repeat(65 * 1024) }), 413, 'BODY_TOO_LARGE'],
  };

  it.each(Object.entries(bad))('refuses %s', async (_, [body, status, code]) => {
    await using server = await startAccounts();

    const response = await fetch(`${server.url}/api/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });

    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code } });
    expect(response.status).toBe(status);
    expect(response.headers.getSetCookie()).toEqual([]);
    expect(text, 'what came is not repeated: it may be a password').not.toContain('demo');
    expect((await server.post('/api/login', { username: 'umpire', password: 'demo' })).status).toBe(200);
  });

  it('refuses what is not JSON by its type, so that no form of another site can log a visitor in', async () => {
    await using server = await startAccounts();

    const response = await fetch(`${server.url}/api/login`, {
      method: 'POST',
      body: '{"username":"a","password":"b"}',
    });

    expect(response.status).toBe(415);
    expect((await fetch(`${server.url}/api/login`)).status).toBe(405);
  });

  it('marks the cookie Secure where the browser came over TLS, and believes only our own proxy about it', async () => {
    await using direct = await startAccounts();
    await using proxied = await startAccounts({ trustedHops: 1 });
    const login = { username: 'umpire', password: 'demo' };
    const overTls = { 'X-Forwarded-Proto': 'https' };

    const cookies = await Promise.all(
      [direct, proxied].map(
        async (server) => (await server.post('/api/login', login, overTls)).headers.getSetCookie()[0],
      ),
    );

    expect(cookies[0]).not.toContain('Secure');
    expect(cookies[1]).toMatch(/; Secure$/);
  });
});

describe('the login rate limit', () => {
  const guess = { username: 'umpire', password: 'guess' };

  it('stops guessing one user’s password from one address, tells when to come back, and lets others in', async () => {
    await using server = await startAccounts();
    const answers: number[] = [];
    for (let n = 0; n < 22; n += 1) answers.push((await server.post('/api/login', guess)).status);

    const refused = await server.post('/api/login', { username: 'Umpire', password: 'demo' });

    expect(answers).toEqual([...Array.from({ length: 20 }, () => 401), 429, 429]);
    expect(refused.status, 'the right password does not help').toBe(429);
    expect(await refused.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } });
    expect(refused.headers.get('retry-after')).toBe('6');
    expect((await server.post('/api/login', { username: 'admin', password: 'demo' })).status).toBe(200);

    server.clock.ms += 6000;
    expect((await server.post('/api/login', { username: 'umpire', password: 'demo' })).status).toBe(200);
  });

  it('stops trying many names from one address', async () => {
    await using server = await startAccounts();

    const answers = await Promise.all(
      Array.from({ length: 70 }, async (_, n) => {
        return (await server.post('/api/login', { username: `name${n}`, password: 'demo' })).status;
      }),
    );

    expect(answers.filter((status) => status === 401)).toHaveLength(60);
    expect(answers.filter((status) => status === 429)).toHaveLength(10);
  });

  it('sends the rest of a flood from many addresses back, and serves those who wait', async () => {
    await using server = await startAccounts({ trustedHops: 1, maxWaitingLogins: 3 });
    const refused: Response[] = [];
    const answers: Promise<Response>[] = [];

    {
      // Two are being hashed and three wait, for as long as the test likes.
      await using _busy = holdThreads();
      for (let n = 0; n < 40; n += 1) {
        const from = { 'X-Forwarded-For': `192.0.2.${n}` };
        answers.push(server.post('/api/login', { username: `name${n}`, password: 'x' }, from));
      }
      for (const answer of answers) void answer.then((response) => response.status === 429 && refused.push(response));
      await expect.poll(() => refused.length, { timeout: 30_000 }).toBe(35);
    }

    const served = (await Promise.all(answers)).filter(({ status }) => status === 401);
    expect(served).toHaveLength(5);
    expect(refused[0]?.headers.get('retry-after')).toBe('5');
    expect((await server.post('/api/login', { username: 'umpire', password: 'demo' })).status).toBe(200);
  });

  it('takes another address for another guesser, only where a proxy of ours names it', async () => {
    await using server = await startAccounts({ trustedHops: 1 });
    const from = (address: string): Promise<Response> =>
      server.post('/api/login', guess, { 'X-Forwarded-For': address });
    for (let n = 0; n < 20; n += 1) await from('192.0.2.1');

    expect((await from('192.0.2.1')).status).toBe(429);
    expect((await from('192.0.2.2')).status).toBe(401);
    for (let n = 0; n < 20; n += 1) await from(`2001:db8:1:2::${n}`);
    expect((await from('2001:db8:1:2:ffff::1')).status, 'one IPv6 network is one address').toBe(429);
    expect((await from('2001:db8:1:3::1')).status).toBe(401);
  });
});

describe('demo users', () => {
  it('are made in an empty table only, once', async () => {
    await using server = await startAccounts({ seed: false });

    expect(server.accounts.demoUsers()).toEqual([]);
    const made = await server.accounts.seedDemo();

    expect(made.map(({ username }) => username)).toEqual(['admin', 'organiser', 'umpire', 'display', 'spectator']);
    expect(made.every(({ username, roles }) => roles.join() === username)).toBe(true);
    expect(server.accounts.demoUsers()).toEqual(made);
    expect(await server.accounts.seedDemo()).toEqual([]);
  });

  it('are not made beside a real user, and a real user is not shown as one', async () => {
    await using server = await startAccounts({ seed: false });

    await server.accounts.createUser({ username: 'hoa', password: 'một mật khẩu dài', roles: ['admin', 'umpire'] });

    expect(await server.accounts.seedDemo()).toEqual([]);
    expect(server.accounts.demoUsers()).toEqual([]);
    await expect(logIn(server, 'admin')).rejects.toThrow('401');
    const response = await server.post('/api/login', { username: 'hoa', password: 'một mật khẩu dài' });
    expect(await response.json()).toMatchObject({ user: { name: 'hoa', roles: ['admin', 'umpire'] } });
  });

  it.each([
    [{ username: 'ADMIN' }, /taken/],
    [{ username: '' }, /username/],
    [{ username: 'a b' }, /username/],
    [{ username: 'x'.repeat(33) }, /username/],
    [{ password: '' }, /password/],
    [{ password: 'p'.repeat(1025) }, /password/],
    [{ roles: [] }, /roles/],
  ])('createUser refuses %j', async (wrong, message) => {
    await using server = await startAccounts();

    const user = { username: 'new', password: 'secret', roles: ['umpire' as const], ...wrong };

    await expect(server.accounts.createUser(user)).rejects.toThrow(message);
    expect((await server.post('/api/login', { username: 'admin', password: 'demo' })).status).toBe(200);
  });
});
