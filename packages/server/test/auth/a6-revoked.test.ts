/** A6: what is revoked opens nothing, and what it opened ends, on every wire, within 5 s, and still after a restart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Broker, EngineUnavailable } from '../../src/core/index.ts';
import { createFanfare, type Engine, log, memory, sqlite, tokens } from '../../src/index.ts';
import { all, everyWay } from './every-way.ts';
import { ISSUERS, seconds, startTokens, token } from './token-fixture.ts';
import { answerOf, type Connect, post, startAll, WAIT, WIRES } from './wires.ts';

const KEY = { Authorization: 'Bearer master' };
const owned = (over: Record<string, unknown> = {}) =>
  token('hs', { claims: { jti: 't-1', iat: seconds() - 5, ...over } });

describe.each(WIRES)('A6 over %s a connection', (name, connect) => {
  const join = async (port: number, bearer: string) => {
    const client = await connect({ port, channels: ['mine:7'], token: bearer });
    return client;
  };

  it.each<[string, () => object]>([
    ['of a token', () => ({ tokenId: 't-1' })],
    ['of a subject', () => ({ subject: '7' })],
    // Of now, and not of when the tests were collected, which may be long before.
    ['of everybody before a time', () => ({ issuedBefore: Date.now() - 1000 })],
  ])('%s that is revoked ends, for good, and gets nothing more', async (_, revocation) => {
    await using running = await startTokens(ISSUERS, { apiKey: 'master' });
    using client = await join(running.port, owned());
    await vi.waitUntil(() => running.live.connections().some(({ identity }) => identity === '7'), WAIT);
    const began = performance.now();

    const answer = await answerOf(post(`${running.url}/live/api/revoke`, revocation(), KEY));
    await running.live.channel('mine:7').publish('after', 1);
    await vi.waitUntil(() => client.closed, WAIT);

    expect(answer).toMatchObject({ status: 200, body: { connections: 1 } });
    expect(performance.now() - began).toBeLessThan(5000);
    expect(client.frames.filter((frame) => frame.type === 'event')).toEqual([]);
    if (name !== 'poll') expect(client.closeCode).toBe(3508);
    expect(await everyWay(running, owned())).toEqual(all('CREDENTIAL_REVOKED'));
  });

  it('of another token, or another subject, lives on', async () => {
    await using running = await startTokens(ISSUERS, { apiKey: 'master' });
    using client = await join(running.port, owned());
    await vi.waitUntil(() => running.live.connections().some(({ identity }) => identity === '7'), WAIT);

    expect(await running.live.revoke({ tokenId: 't-2' })).toBe(0);
    expect(await running.live.revoke({ subject: '70' })).toBe(0);
    expect(await running.live.revoke({ subject: '7', issuedBefore: Date.now() - 60_000 })).toBe(0);
    await running.live.channel('mine:7').publish('still', 1);
    await vi.waitUntil(() => client.frames.some((frame) => frame.type === 'event'), WAIT);

    expect(client.closed).toBe(false);
  });

  it('cannot be kept by a refresh with what is revoked, and can by a token that is issued later', async () => {
    await using running = await startTokens(ISSUERS, { apiKey: 'master' });
    await running.live.revoke({ subject: '7', issuedBefore: Date.now() - 2000 });
    using client = await connect({ port: running.port, channels: ['public:a'] });
    const auth = (id: number, bearer: string) => client.command({ type: 'auth', id, token: bearer });

    expect(await auth(1, owned())).toMatchObject({ type: 'error', code: 'CREDENTIAL_REVOKED' });
    expect(await auth(2, owned({ iat: seconds() }))).toMatchObject({ type: 'authenticated', subject: '7' });
  });
});

describe('A6 a connection whose credential ends while it is let in', () => {
  it.each(
    WIRES.flatMap(([name, connect]) => [['is revoked', name, connect] as const, ['expires', name, connect] as const]),
  )('does not stand, and gets nothing: it %s, %s', async (how, _, connect: Connect) => {
    let release = (): void => {};
    const asked = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isAsking = false;
    await using running = await startAll({
      authenticate: tokens({ issuers: ISSUERS }),
      limits: { credentialGraceMs: 0 },
      channels: {
        'slow:{id}': log({
          access: async () => {
            isAsking = true;
            await asked;
            return { allow: true };
          },
        }),
      },
    });
    const exp = seconds() + (how === 'expires' ? 2 : 600);
    const connecting = connect({ port: running.port, channels: ['slow:a'], token: owned({ exp }) });
    await vi.waitUntil(() => isAsking, WAIT);

    if (how === 'expires') await vi.waitUntil(() => Date.now() > exp * 1000, WAIT);
    else await running.live.revoke({ subject: '7' });
    release();
    const publishing = setInterval(() => void running.live.channel('slow:a').publish('after', 1), 1);

    using client = await connecting;
    await vi.waitUntil(() => client.closed, WAIT).finally(() => clearInterval(publishing));
    expect(client.frames.filter(({ type }) => type === 'event')).toEqual([]);
    expect(running.live.stats()).toMatchObject({ connections: 0, subscriptions: 0 });
  });
});

describe('A6 a revocation', () => {
  it('survives a restart, and is there before anybody is let in', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfare-revoked-'));
    const path = join(folder, 'fanfare.db');
    const start = () => startTokens(ISSUERS, { engine: sqlite(path) });
    try {
      {
        await using running = await start();
        expect(await everyWay(running, owned())).toEqual(all('open'));
        await running.live.revoke({ tokenId: 't-1' });
        for (let n = 0; n < 2500; n += 1) void running.live.revoke({ subject: `many-${n}` });
        await running.live.revoke({ subject: 'last' });
      }
      await using again = await start();
      const of = async (sub: string, jti: string) =>
        (
          await answerOf(
            fetch(`${again.url}/live/poll?channel=public:a`, {
              headers: { Authorization: `Bearer ${owned({ sub, jti })}` },
            }),
          )
        ).code;

      expect(await everyWay(again, owned())).toEqual(all('CREDENTIAL_REVOKED'));
      expect(await of('many-0', 'x')).toBe('CREDENTIAL_REVOKED');
      expect(await of('many-2499', 'x')).toBe('CREDENTIAL_REVOKED');
      expect(await of('last', 'x')).toBe('CREDENTIAL_REVOKED');
      expect(await of('7', 'x')).toBeUndefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('of an earlier time does not take a later one back', async () => {
    await using running = await startTokens();
    await running.live.revoke({ subject: '7' });
    await running.live.revoke({ subject: '7', issuedBefore: 1 });

    expect(await everyWay(running, owned())).toEqual(all('CREDENTIAL_REVOKED'));
  });

  it('reaches every server that shares the engine, and so does a disconnection', async () => {
    const engine = memory();
    // Closed once, by whoever is last.
    const shared: Engine = { ...engine, name: 'shared', close: async () => {} };
    await using one = await startTokens(ISSUERS, { engine: shared });
    await using two = await startTokens(ISSUERS, { engine: shared });
    const [, connect] = WIRES[0] ?? [];
    if (connect === undefined) throw new Error('no wire');
    using far = await connect({ port: two.port, channels: ['mine:7'], token: owned() });
    using other = await connect({ port: two.port, channels: ['mine:8'], token: owned({ sub: '8', jti: 't-8' }) });
    await vi.waitUntil(() => two.live.connections().length === 2, WAIT);

    expect(await one.live.revoke({ subject: '7' })).toBe(0);
    await vi.waitUntil(() => far.closed, { timeout: 5000, interval: 5 });
    expect(far.closeCode).toBe(3508);
    expect(await everyWay(two, owned())).toEqual(all('CREDENTIAL_REVOKED'));

    expect(one.live.disconnect({ subject: '8' })).toEqual({ connections: 0, subscriptions: 0 });
    await vi.waitUntil(() => other.closed, { timeout: 5000, interval: 5 });
    expect(other.closeCode).toBe(3507);
  });

  it('that reaches less far takes nothing back, where two servers revoke at the same time', async () => {
    const engine = memory();
    await using running = await startTokens(ISSUERS, { engine });
    await running.live.revoke({ subject: '7' });
    const kept = async () => {
      const all = {
        channel: '_fanfare:revocations',
        retention: { kind: 'newest' },
        after: undefined,
        limit: 9,
      } as const;
      const page = await engine.broker.read(all);
      return page.kind === 'events' ? page.events : [];
    };
    const [first] = await kept();
    if (first === undefined) throw new Error('nothing is kept');
    const { before } = JSON.parse(first.dataJson);

    // What the other server writes, which has not heard yet.
    const dataJson = JSON.stringify({ kind: 'subject', value: '7', before: 1 });
    await engine.broker.append({ ...first, dataJson, retention: { kind: 'newest' } });

    await vi.waitUntil(async () => JSON.parse((await kept())[0]?.dataJson ?? '').before === before, WAIT);
    expect(await kept()).toHaveLength(1);
  });

  it('that cannot be read lets nobody in who may be revoked, and everybody else, until it can', async () => {
    const engine = memory();
    let isBroken = true;
    const inner = engine.broker;
    const broker: Broker = {
      append: (request) => inner.append(request),
      broadcast: (event) => inner.broadcast(event),
      head: (channel) => inner.head(channel),
      follow: (channel, listener) => inner.follow(channel, listener),
      read: (request) =>
        isBroken && request.channel.startsWith('_fanfare')
          ? Promise.reject(new EngineUnavailable('out of reach'))
          : inner.read(request),
    };
    const faults: unknown[] = [];
    const onError = (error: unknown): void => void faults.push(error);
    await using running = await startTokens(ISSUERS, { engine: { ...engine, broker }, onError });

    expect(await everyWay(running, owned())).toEqual({
      ...all('ENGINE_UNAVAILABLE'),
      'sse, header': 'passing',
      'sse, cookie': 'passing',
    });
    expect((await fetch(`${running.url}/live/poll?channel=public:a`)).status).toBe(200);
    // No bug of anybody's: the engine says by itself that it is away.
    expect(faults).toEqual([]);
    isBroken = false;
    await vi.waitUntil(async () => (await everyWay(running, owned()))['poll, header'] === 'open', WAIT);

    expect(await everyWay(running, owned())).toEqual(all('open'));
  });

  it('is kept from clients: nobody can name its channel, whatever the patterns', async () => {
    await using running = await startAll({
      channels: { '{a}:{b}': log({ access: { subscribe: 'public', publish: 'public' } }) },
      apiKey: 'master',
    });
    await running.live.revoke({ subject: '7' });
    const codes = await Promise.all(
      ['_fanfare:revocations', '_fanfare:disconnections'].flatMap((channel) => [
        answerOf(fetch(`${running.url}/live/sse?channel=${channel}`)),
        answerOf(fetch(`${running.url}/live/poll?channel=${channel}`)),
        answerOf(post(`${running.url}/live/api/publish`, { channel, event: 'state', data: 1 }, KEY)),
        answerOf(post(`${running.url}/live/api/history`, { channel }, KEY)),
      ]),
    );

    expect(codes.map(({ code }) => code)).toEqual(codes.map(() => 'CHANNEL_UNKNOWN'));
  });

  it.each([
    [{}, 'FIELD_MISSING'],
    [{ subject: '' }, 'FIELD_INVALID'],
    [{ subject: 7 }, 'FIELD_INVALID'],
    [{ tokenId: 't', subject: '7' }, 'FIELD_INVALID'],
    [{ issuedBefore: 'now' }, 'FIELD_INVALID'],
    [{ issuedBefore: -1 }, 'FIELD_INVALID'],
    [{ user: '7' }, 'FIELD_UNKNOWN'],
  ])('that names nothing, or too much, is refused: %j', async (body, code) => {
    await using running = await startTokens(ISSUERS, { apiKey: 'master' });

    expect(await answerOf(post(`${running.url}/live/api/revoke`, body, KEY))).toMatchObject({ status: 400, code });
    expect(await answerOf(post(`${running.url}/live/api/revoke`, { subject: '7' }))).toMatchObject({ status: 401 });
    await expect(createFanfare({ engine: memory(), channels: {} }).revoke(Object({}))).rejects.toThrow(
      /expected \{ tokenId, expiresAt\? \}/,
    );
  });
});

describe.each(WIRES)('A6 an operator, over %s,', (name, connect) => {
  it.each<[string, (id: string) => object]>([
    ['a user', () => ({ subject: '7' })],
    ['a connection', (connection) => ({ connection })],
    ['a user on a connection', (connection) => ({ connection, subject: '7' })],
  ])('ends %s', async (_, target) => {
    await using running = await startTokens(ISSUERS, { apiKey: 'master' });
    using client = await connect({ port: running.port, channels: ['mine:7'], token: owned() });
    using other = await connect({ port: running.port, channels: ['mine:8'], token: owned({ sub: '8' }) });
    await vi.waitUntil(() => running.live.connections().length === 2, WAIT);
    const id = running.live.connections().find(({ identity }) => identity === '7')?.id ?? '';

    const answer = await answerOf(post(`${running.url}/live/api/disconnect`, target(id), KEY));
    await vi.waitUntil(() => client.closed, WAIT);

    expect(answer).toMatchObject({ status: 200, body: { connections: 1, subscriptions: 0 } });
    if (name !== 'poll') expect(client.closeCode).toBe(3507);
    expect(other.closed).toBe(false);
  });

  it('ends a subscription, and leaves the rest of the connection', async () => {
    await using running = await startTokens(ISSUERS, { apiKey: 'master' });
    using client = await connect({ port: running.port, channels: ['public:a', 'mine:7'], token: owned() });
    await vi.waitUntil(() => running.live.connections().some(({ channels }) => channels.length === 2), WAIT);

    const answer = await answerOf(
      post(`${running.url}/live/api/disconnect`, { channel: 'public:a', subject: '7' }, KEY),
    );
    const isTold = () => client.frames.some((frame) => frame.type === 'unsubscribed' && frame.channel === 'public:a');
    await vi.waitUntil(isTold, WAIT);

    expect(answer.body).toEqual({ connections: 0, subscriptions: 1 });
    expect(client.closed).toBe(false);
  });
});
