/** The audit trail over real sockets: what was done to the server, who was refused what, kept, bounded, and read with the key. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { FanfareError, log, memory, sqlite } from '../../src/index.ts';
import { AUDIT_KEEP } from '../../src/observe/audit-trail.ts';
import { RawClient, startWith } from '../transports/live-fixture.ts';

const KEY = 'key-of-the-tests';
const SECRET = 'secret-of-a-user';
const channels = { 'log:{id}': log({ access: 'public' }), 'mine:{user}': log() };
type Options = Partial<Parameters<typeof startWith<typeof channels>>[0]>;

async function start(options: Options = {}) {
  const server = await startWith({
    engine: memory(),
    channels,
    apiKey: KEY,
    allowedOrigins: ['https://app.example'],
    authenticate: ({ headers }) => {
      const { authorization = '' } = headers;
      if (authorization.includes('expired')) throw new FanfareError('CREDENTIAL_EXPIRED');
      return authorization.includes(SECRET) ? { subject: '7', roles: [] } : undefined;
    },
    ...options,
  });
  server.live.attach(server.server);
  const call = async (name: string, body: object, headers: Record<string, string> = { 'X-API-Key': KEY }) => {
    const answer = await fetch(`${server.url}/live/api/${name}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: Object(await answer.json()) };
  };
  return {
    ...server,
    call,
    denials: async (count: number) =>
      vi.waitFor(async () => {
        const { body } = await call('audit', { trail: 'denials' });
        expect(body.entries.length).toBeGreaterThanOrEqual(count);
        return body.entries;
      }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe('the audit trail', () => {
  it('has what backends did to the server, oldest first, and what the application adds', async () => {
    await using server = await start();
    await server.call('transports', { transports: ['ws', 'sse'] });
    await server.call('transports', {});
    await server.call('revoke', { subject: '7' });
    await server.call('disconnect', { channel: 'log:a' });
    await server.live.audit.act({
      actor: 'user:1',
      action: 'device-block',
      target: 'device:9',
      details: { name: 'phone' },
    });
    await server.call('publish', { channel: 'log:a', event: 'e', data: 1 });

    const { status, body } = await server.call('audit', {});

    expect(status).toBe(200);
    expect(body).toMatchObject({ more: false, complete: true });
    expect(body.entries).toMatchObject([
      { actor: 'api-key', action: 'set-transports', target: 'server', details: { transports: ['ws', 'sse'] } },
      { actor: 'api-key', action: 'revoke', target: 'user:7', details: { connections: 0 } },
      { actor: 'api-key', action: 'disconnect', target: 'channel:log:a', details: { ended: { subscriptions: 0 } } },
      { actor: 'user:1', action: 'device-block', target: 'device:9', details: { name: 'phone' } },
    ]);
    expect(Math.abs(body.entries[0].at - Date.now())).toBeLessThan(60_000);
  });

  it('has who was refused, over every wire, without the credential', async () => {
    await using server = await start();
    const user = { Authorization: `Bearer ${SECRET}` };
    using socket = new RawWebSocket({ port: server.port, headers: user });
    socket.send({ type: 'subscribe', channel: 'mine:8' });
    await socket.until((frame) => frame.type === 'error');
    socket.send({ type: 'publish', id: 1, channel: 'log:a', event: 'e', data: 1 });
    await socket.until((frame) => frame.type === 'error' && frame.id === 1);
    using stream = RawClient.get(server.port, '/live/sse?channel=mine:8', user);
    await vi.waitUntil(() => stream.body.includes('FORBIDDEN'), { timeout: 10_000 });
    await fetch(`${server.url}/live/poll?channel=mine:8`, { headers: user });
    await server.call('publish', { channel: 'mine:8', event: 'e', data: 1 }, user);
    await fetch(`${server.url}/live/poll?channel=mine:9`, { headers: { Authorization: 'Bearer expired' } });
    await fetch(`${server.url}/live/poll?channel=log:a`, { headers: { Origin: 'https://evil.example' } });
    using evil = new RawWebSocket({ port: server.port, headers: { Origin: 'null' } });
    await evil.untilClosed();
    await server.call('publish', { channel: 'log:a', event: 'e', data: 1 }, { 'X-API-Key': 'not-the-key' });
    await fetch(`${server.url}/live/sse?channel=log:a&token=${SECRET}`, {
      headers: { Cookie: 'a=b', 'Sec-Fetch-Site': 'cross-site' },
    });

    const entries = await server.denials(10);

    const facts = entries.map(({ actor, action, target, details }: Record<string, unknown>) => [
      ...[actor, action, target],
      Object(details).code,
    ]);
    expect(facts).toEqual([
      ['user:7', 'subscribe', 'channel:mine:8', 'FORBIDDEN'],
      ['user:7', 'publish', 'channel:log:a', 'FORBIDDEN'],
      ['user:7', '/live/sse', 'channel:mine:8', 'FORBIDDEN'],
      ['user:7', '/live/poll', 'channel:mine:8', 'FORBIDDEN'],
      ['user:7', '/live/api/publish', 'channel:mine:8', 'FORBIDDEN'],
      ['nobody', '/live/poll', 'server', 'CREDENTIAL_EXPIRED'],
      ['nobody', '/live/poll', 'server', 'ORIGIN_FORBIDDEN'],
      ['nobody', 'upgrade', 'server', 'ORIGIN_FORBIDDEN'],
      ['nobody', '/live/api/publish', 'server', 'API_KEY_INVALID'],
      ['nobody', '/live/sse', 'server', 'ORIGIN_FORBIDDEN'],
    ]);
    expect(new Set(entries.map(({ details }: Record<string, unknown>) => Object(details).address))).toEqual(
      new Set(['127.0.0.1']),
    );
    expect(JSON.stringify(entries)).not.toMatch(new RegExp(`${SECRET}|not-the-key|expired"`));
  });

  it('is read with the key, and by no client: no channel has its name', async () => {
    await using server = await start();
    await server.live.audit.act({ actor: 'user:1', action: 'x' });

    expect((await server.call('audit', {}, {})).status).toBe(401);
    expect((await server.call('audit', {}, { Authorization: `Bearer ${SECRET}` })).status).toBe(403);
    for (const channel of ['_fanfare:audit', '_fanfare:denials']) {
      expect((await server.call('history', { channel })).status).toBe(404);
      expect((await server.call('publish', { channel, event: 'e', data: 1 })).status).toBe(404);
      expect((await fetch(`${server.url}/live/sse?channel=${channel}`)).status).toBe(404);
    }
    expect((await server.call('audit', { trail: 'all' })).body.error.code).toBe('FIELD_INVALID');
    expect((await server.call('audit', { after: 'x' })).body.error.code).toBe('POSITION_INVALID');
    expect((await server.call('audit', { limit: 0 })).body.error.code).toBe('LIMIT_INVALID');
  });

  it('is read on from a position, and by default from so far back that the newest comes last', async () => {
    await using server = await start();
    for (let n = 0; n < 25; n += 1) await server.live.audit.act({ actor: 'user:1', action: `act-${n}` });
    const actions = ({ entries }: { readonly entries: readonly { readonly action: string }[] }) =>
      entries.map(({ action }) => action);

    const newest = await server.call('audit', { limit: 10 });
    const all = await server.call('audit', { limit: 1000 });
    const first = await server.call('audit', { after: all.body.entries[0].position, limit: 3 });
    const none = await server.call('audit', { after: all.body.position });

    expect(actions(newest.body)).toEqual(Array.from({ length: 10 }, (_, n) => `act-${n + 15}`));
    expect(actions(all.body)).toHaveLength(25);
    expect([actions(first.body), first.body.more]).toEqual([['act-1', 'act-2', 'act-3'], true]);
    expect(none.body).toMatchObject({ entries: [], more: false, complete: true, position: all.body.position });
  });

  it('cannot be flushed by refusals: they have a trail of their own, some twenty a second of it', async () => {
    await using server = await start();
    await server.live.audit.act({ actor: 'user:1', action: 'kept' });

    await Promise.all(Array.from({ length: 300 }, () => server.call('stats', {}, { 'X-API-Key': 'wrong' })));

    expect((await server.call('audit', {})).body.entries).toMatchObject([{ action: 'kept' }]);
    const entries = await server.denials(20);
    expect(entries.length).toBeLessThan(150);
  });

  it('keeps an entry small, whatever is put into it', async () => {
    await using server = await start();
    await server.live.audit.act({ actor: 'x'.repeat(10_000), action: 'y\r\nz', details: { text: 'x'.repeat(10_000) } });

    const [entry] = (await server.live.audit.read()).entries;

    expect(entry?.actor).toHaveLength(257);
    expect(entry).toMatchObject({ action: 'y\r\nz', details: { leftOut: expect.any(Number) } });
  });

  it('tells what it could not write to who hears of faults, and to nobody else', async () => {
    const faults: unknown[] = [];
    await using server = await start({ onError: (error) => faults.push(error) });

    await server.live.audit.act({ actor: 'user:1', action: 'count', details: { big: 1n } });

    expect(faults).toEqual([expect.any(TypeError)]);
    expect((await server.live.audit.read()).entries).toEqual([]);
  });

  it('survives a restart with sqlite, and is bounded by count', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fanfare-audit-'));
    const path = join(folder, 'fanfare.db');
    let first: string | undefined;
    {
      await using server = await start({ engine: sqlite(path) });
      await server.call('revoke', { subject: '8' });
      first = (await server.live.audit.read()).entries[0]?.position;
      for (let n = 0; n < AUDIT_KEEP.acts.count + 10; n += 1)
        void server.live.audit.act({ actor: 'a', action: String(n) });
      await server.live.audit.act({ actor: 'a', action: 'last' });
    }
    await using server = await start({ engine: sqlite(path) });
    const { entries } = await server.live.audit.read({ limit: 1 });
    expect(entries).toMatchObject([{ action: 'last' }]);
    expect(await server.live.audit.read({ after: first })).toMatchObject({ entries: [], complete: false });
    expect((await server.live.audit.read({ limit: 1000 })).entries).toHaveLength(1000);
    await rm(folder, { recursive: true, force: true });
  });
});
