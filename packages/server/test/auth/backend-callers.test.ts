/** Who may call the backend API: the key of the server, keys with grants, tokens with grants; and nobody's browser by a cookie. */
import { describe, expect, it, vi } from 'vitest';
import { hashApiKey } from '../../src/auth/api-keys.ts';
import { createFanfare, type GrantTable, grants, log, memory, state, tokens } from '../../src/index.ts';
import { ISSUERS, token } from './token-fixture.ts';
import { answerOf, post, startAll, WAIT, WIRES } from './wires.ts';

const OLD = 'old-key-of-billing-0123456789';
const NEW = 'new-key-of-billing-0123456789';

const start = () =>
  startAll({
    apiKey: 'master',
    apiKeys: [
      {
        id: 'billing',
        hash: hashApiKey(OLD),
        grants: { publish: ['inbox:*'], history: ['inbox:*'], subscribe: ['inbox:*'] },
      },
      { id: 'billing', hash: hashApiKey(NEW), grants: { publish: ['inbox:*'] } },
      { id: 'gone', hash: hashApiKey('gone'), grants: { publish: ['**'] }, expiresAt: Date.now() - 60_000 },
      { id: 'boss', hash: hashApiKey('boss'), grants: { manage: ['**'] } },
      { id: 'room-3', hash: hashApiKey('room-3'), grants: { manage: ['room:3'] } },
    ],
    authenticate: tokens({ issuers: ISSUERS, cookie: 'session' }),
    authorize: grants(),
    channels: {
      'inbox:{user}': log(),
      'room:{id}': state(),
      'own:{user}': log({
        access: {
          publish: ({ identity }) =>
            identity?.subject === '7' ? { allow: true } : { allow: false, status: 403, code: 'NOT_YOURS' },
        },
      }),
    },
  });

type Body = Record<string, unknown>;
const event = (channel: string): Body => ({ channel, event: 'e', data: 1 });
const withToken = (fanfare: GrantTable) => ({ Authorization: `Bearer ${token('hs', { claims: { fanfare } })}` });

async function call(url: string, path: string, body: Body, headers: Record<string, string>): Promise<number | string> {
  const { status, code } = await answerOf(post(`${url}/live/api/${path}`, body, headers));
  return code ?? status;
}

describe('a call of the backend API', () => {
  it.each<[string, Record<string, string>, string, Body, number | string]>([
    ['the key of the server', { 'X-API-Key': 'master' }, 'publish', event('room:3'), 'CHANNEL_KIND_MISMATCH'],
    ['the key of the server', { 'X-API-Key': 'master' }, 'stats', {}, 200],
    ['a key', { 'X-API-Key': OLD }, 'publish', event('inbox:7'), 200],
    ['a key, as a bearer', { Authorization: `Bearer ${OLD}` }, 'publish', event('inbox:7'), 200],
    ['the key that follows it', { 'X-API-Key': NEW }, 'publish', event('inbox:7'), 200],
    ['a key, elsewhere', { 'X-API-Key': OLD }, 'set', { channel: 'room:3', data: 1 }, 'FORBIDDEN'],
    ['a key', { 'X-API-Key': OLD }, 'history', { channel: 'inbox:7' }, 200],
    ['a key without that grant', { 'X-API-Key': NEW }, 'history', { channel: 'inbox:7' }, 'FORBIDDEN'],
    ['a key, about the whole server', { 'X-API-Key': OLD }, 'stats', {}, 'FORBIDDEN'],
    ['a key, about the whole server', { 'X-API-Key': OLD }, 'revoke', { subject: '7' }, 'FORBIDDEN'],
    ['a key, about the whole server', { 'X-API-Key': OLD }, 'disconnect', { subject: '7' }, 'FORBIDDEN'],
    ['a key, about the whole server', { 'X-API-Key': OLD }, 'transports', { transports: ['poll'] }, 'FORBIDDEN'],
    ['a key that has run out', { 'X-API-Key': 'gone' }, 'publish', event('inbox:7'), 'CREDENTIAL_EXPIRED'],
    ['a key that manages', { 'X-API-Key': 'boss' }, 'connections', {}, 200],
    ['a key that manages', { 'X-API-Key': 'boss' }, 'publish', event('inbox:7'), 'FORBIDDEN'],
    ['a key that manages one channel', { 'X-API-Key': 'room-3' }, 'disconnect', { channel: 'room:3' }, 200],
    [
      'a key that manages one channel, for another',
      { 'X-API-Key': 'room-3' },
      'disconnect',
      { channel: 'room:4' },
      'FORBIDDEN',
    ],
    ['a key that manages one channel, for all', { 'X-API-Key': 'room-3' }, 'disconnect', { subject: '7' }, 'FORBIDDEN'],
    ['the hash of a key', { 'X-API-Key': hashApiKey(OLD) }, 'publish', event('inbox:7'), 'API_KEY_INVALID'],
    ['no key', {}, 'publish', event('inbox:7'), 'API_KEY_INVALID'],
    ['a token that is granted it', withToken({ publish: ['inbox:*'] }), 'publish', event('inbox:7'), 200],
    ['a token that is not', withToken({ subscribe: ['**'] }), 'publish', event('inbox:7'), 'FORBIDDEN'],
    ['a token, as the rule of the channel says', withToken({}), 'publish', event('own:7'), 200],
    ['a token that manages', withToken({ manage: ['**'] }), 'stats', {}, 200],
    ['a token that manages all channels of a kind', withToken({ manage: ['inbox:*'] }), 'stats', {}, 'FORBIDDEN'],
    [
      'a token, on a name that is none',
      withToken({ publish: ['**'] }),
      'publish',
      event('inbox:*'),
      'CHANNEL_NAME_INVALID',
    ],
    ['a token that is none', { Authorization: 'Bearer a.b.c' }, 'publish', event('inbox:7'), 'UNAUTHENTICATED'],
    ['a token in a cookie', { Cookie: `session=${token('hs')}` }, 'publish', event('own:7'), 'API_KEY_INVALID'],
    [
      'a token in a cookie, beside another header',
      { Cookie: `session=${token('hs')}`, 'X-API-Key': 'x' },
      'publish',
      event('own:7'),
      'API_KEY_INVALID',
    ],
  ])('with %s: %j %s', async (_, headers, path, body, expected) => {
    await using running = await start();

    expect(await call(running.url, path, body, headers)).toBe(expected);
  });

  it('may be a batch, of which each item is asked about, in its order', async () => {
    await using running = await start();
    const items = [event('inbox:1'), event('own:1'), event('inbox:2'), { channel: 'inbox:*' }, event('inbox:1')];

    for (const headers of [{ 'X-API-Key': OLD }, withToken({ publish: ['inbox:*'] })]) {
      const { body } = await answerOf(post(`${running.url}/live/api/batch`, { items }, headers));
      const results: readonly Record<string, Record<string, unknown>>[] = Object(body).results;
      expect(results.map((result) => result['error']?.['code'] ?? 'ok')).toEqual([
        'ok',
        'X-API-Key' in headers ? 'FORBIDDEN' : 'ok',
        'ok',
        expect.stringMatching(/^(FIELD_MISSING|FORBIDDEN|CHANNEL_NAME_INVALID)$/),
        'ok',
      ]);
    }
    const history = await running.live.channel('inbox:1').history();
    expect(Object(history).events).toHaveLength(4);
  });

  it('comes from nobody who only names himself as a key does', async () => {
    await using running = await start();
    const bad = {
      Authorization: `Bearer ${token('hs', { claims: { sub: 'key:billing', fanfare: { publish: ['**'] } } })}`,
    };

    expect(await call(running.url, 'publish', event('inbox:7'), bad)).toBe('UNAUTHENTICATED');
    await using own = await startAll({
      authenticate: () => ({ subject: 'key:billing', roles: [] }),
      channels: { 'inbox:{user}': log({ access: 'public' }) },
      onError: () => {},
    });
    expect(await answerOf(fetch(`${own.url}/live/poll?channel=inbox:7`))).toMatchObject({ status: 500 });
  });

  it('counts no more once its key is revoked', async () => {
    await using running = await start();
    await running.live.revoke({ tokenId: hashApiKey(OLD) });

    expect(await call(running.url, 'publish', event('inbox:7'), { 'X-API-Key': OLD })).toBe('CREDENTIAL_REVOKED');
    expect(await call(running.url, 'publish', event('inbox:7'), { 'X-API-Key': NEW })).toBe(200);
  });
});

describe.each(WIRES)('a program, over %s,', (_, connect) => {
  it('reads with a key what that is granted, and nothing else', async () => {
    await using running = await start();
    using client = await connect({ port: running.port, channels: ['inbox:7'], token: OLD });
    await vi.waitUntil(() => running.live.connections().length === 1, WAIT);

    const other = await client.command({ type: 'subscribe', id: 1, channel: 'room:3' });

    expect(running.live.connections()[0]?.identity).toBe('key:billing');
    expect(other).toMatchObject({ type: 'error', code: 'FORBIDDEN' });
  });
});

describe('a key of the configuration', () => {
  const good = { id: 'a', hash: hashApiKey('k'), grants: {} };

  it.each([
    [{ ...good, id: 'a b' }, /apiKeys: id: expected 1 to 64/],
    [{ ...good, hash: 'secret' }, /apiKeys: a: hash: expected "sha256:"/],
    [{ ...good, hash: undefined }, /hash: expected/],
    [{ ...good, grants: { read: [] } }, /apiKeys: a: there is no action "read"/],
  ])('that makes no sense is refused, without a word of it: %j', (key, message) => {
    expect(() => createFanfare({ engine: memory(), channels: {}, apiKeys: [Object(key)] })).toThrow(message);
    expect(() => createFanfare({ engine: memory(), channels: {}, apiKeys: [Object(key)] })).not.toThrow(/secret/);
  });
});
