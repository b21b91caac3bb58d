/** Who gets a stream: verdicts are statuses, what passes with time is told in-band with a 200 [reliability: status is a verdict]. */
import { describe, expect, it, vi } from 'vitest';
import { EngineUnavailable } from '../../src/core/index.ts';
import { type AccessDecision, type AccessRequest, FanfareError, type Identity, log, memory } from '../../src/index.ts';
import { expectNothingOpen, RawClient, startLive, startWith } from './live-fixture.ts';

async function errorOf(answer: Response): Promise<{ status: number; code: string }> {
  const body: { error: { code: string } } = await answer.json();
  return { status: answer.status, code: body.error.code };
}

/** What every in-band refusal looks like to an EventSource. */
async function expectRefusedInBand(client: RawClient, code: string): Promise<void> {
  await client.untilClosed();
  expect(client.status).toBe(200);
  expect(client.head).toContain('text/event-stream');
  expect(client.retryMs).toBeGreaterThanOrEqual(1000);
  const [error] = client.named('error');
  expect(JSON.parse(error?.data ?? '')).toMatchObject({ code, retry: true, message: expect.stringMatching(/\w/) });
  expect(JSON.parse(client.named('close')[0]?.data ?? '')).toMatchObject({ reconnect: true });
}

describe('a verdict', () => {
  const many = Array.from({ length: 129 }, (_, at) => `channel=log:${at}`).join('&');
  it.each([
    ['no channel', '', 400, 'CHANNEL_MISSING'],
    ['a bad name', 'channel=log:%0D%0Aa', 400, 'CHANNEL_NAME_INVALID'],
    ['a name with a wildcard', 'channel=log:*', 400, 'CHANNEL_NAME_INVALID'],
    ['a name that no pattern matches', 'channel=nothing', 404, 'CHANNEL_UNKNOWN'],
    ['more than 128 channels', many, 400, 'TOO_MANY_CHANNELS'],
    ['a channel without an access rule', 'channel=secret:a', 403, 'FORBIDDEN'],
    ['one forbidden channel among allowed ones', 'channel=log:a&channel=secret:a', 403, 'FORBIDDEN'],
  ])('is a status with a stable code: %s', async (_, query, status, code) => {
    await using running = await startLive();

    const answer = await fetch(`${running.url}/live/sse?${query}`);

    expect(await errorOf(answer)).toEqual({ status, code });
    expect(running.live.stats().connections).toBe(0);
  });

  it('is not given for no channel where the client says all it wants on the open stream', async () => {
    await using running = await startLive();
    using client = RawClient.get(running.port, '/live/sse?ids=no');
    const [connected] = await client.until('connected');
    const { connection } = JSON.parse(connected?.data ?? '');

    const answer = await fetch(`${running.url}/live/uplink/${connection}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"type":"subscribe","channel":"log:a"}',
    });
    await running.live.channel('log:a').publish('added', 1);

    expect(answer.status).toBe(200);
    const [added] = await client.until('added');
    expect(JSON.parse(added?.data ?? '')).toMatchObject({ channel: 'log:a', data: 1 });
  });

  it('speaks the language of the reader', async () => {
    await using running = await startLive();

    const answer = await fetch(`${running.url}/live/sse`, { headers: { 'Accept-Language': 'vi' } });

    expect((await answer.json()).error.message).toMatch(/kênh/);
  });

  it('is what the access rule and authenticate say', async () => {
    const asked: AccessRequest[] = [];
    const access = (request: AccessRequest): AccessDecision => {
      asked.push(request);
      if (request.identity === undefined) return { allow: false, status: 401, code: 'UNAUTHENTICATED' };
      return {
        allow: request.identity.subject === request.params['user'],
        status: 403,
        code: 'NOT_YOURS',
        message: 'No.',
      };
    };
    const authenticate = async (request: { headers: Record<string, unknown> }): Promise<Identity | undefined> => {
      const token = request.headers['authorization'];
      if (token === 'Bearer broken') throw new FanfareError('CREDENTIAL_EXPIRED');
      return typeof token === 'string' ? { subject: token.slice(7), roles: [] } : undefined;
    };
    await using running = await startWith({ channels: { 'inbox:{user}': log({ access }) }, authenticate });
    const get = (headers: Record<string, string>) => fetch(`${running.url}/live/sse?channel=inbox:7`, { headers });

    expect(await errorOf(await get({}))).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(await errorOf(await get({ Authorization: 'Bearer 8' }))).toEqual({ status: 403, code: 'NOT_YOURS' });
    expect(await errorOf(await get({ Authorization: 'Bearer broken' }))).toEqual({
      status: 401,
      code: 'CREDENTIAL_EXPIRED',
    });
    using client = RawClient.get(running.port, '/live/sse?channel=inbox:7', { Authorization: 'Bearer 7' });
    await client.until('subscribed');

    expect(running.live.connections()).toMatchObject([
      { label: 'sse', channels: ['inbox:7'], identity: '7', address: '127.0.0.1' },
    ]);
    expect(asked[0]).toMatchObject({
      action: 'subscribe',
      channel: 'inbox:7',
      params: { user: '7' },
      address: '127.0.0.1',
    });
  });
});

describe('a refusal that passes', () => {
  it('tells the subscriber over maxSubscribers TOO_MANY_CONNECTIONS, and lets it in once there is room', async () => {
    await using running = await startLive();
    using first = RawClient.get(running.port, '/live/sse?channel=small:a');
    await first.until('subscribed');

    using second = RawClient.get(running.port, '/live/sse?channel=small:a');
    await expectRefusedInBand(second, 'TOO_MANY_CONNECTIONS');
    expect(second.named('connected')).toEqual([]);
    first.socket.destroy();
    await expectNothingOpen(running);
    using third = RawClient.get(running.port, '/live/sse?channel=small:a');

    expect(await third.until('subscribed')).toHaveLength(1);
  });

  it('lets exactly maxSubscribers in when all ask at once', async () => {
    await using running = await startLive({ authenticate: () => Promise.resolve(undefined) });

    const clients = Array.from({ length: 10 }, () => RawClient.get(running.port, '/live/sse?channel=small:a'));
    await vi.waitUntil(() => clients.filter((client) => client.closed).length === 9, { timeout: 10_000 });

    expect(clients.filter((client) => client.named('connected').length > 0)).toHaveLength(1);
    expect(clients.flatMap((client) => client.named('error'))).toHaveLength(9);
    for (const client of clients) client.socket.destroy();
  });

  it('tells a client over maxConnections so', async () => {
    await using running = await startLive({ limits: { maxConnections: 1 } });
    using first = RawClient.get(running.port, '/live/sse?channel=log:a');
    await first.until('subscribed');

    using second = RawClient.get(running.port, '/live/sse?channel=log:a');

    await expectRefusedInBand(second, 'TOO_MANY_CONNECTIONS');
  });

  it('tells a client of a draining server so, and ends the open ones with a code that says reconnect', async () => {
    await using running = await startLive();
    const clients = Array.from({ length: 20 }, () => RawClient.get(running.port, '/live/sse?channel=log:a'));
    await Promise.all(clients.map((client) => client.until('subscribed')));

    const drained = running.live.drain({ overMs: 300 });
    using late = RawClient.get(running.port, '/live/sse?channel=log:a');
    await expectRefusedInBand(late, 'DRAINING');
    await drained;
    await Promise.all(clients.map((client) => client.untilClosed()));

    const closes = clients.flatMap((client) => client.named('close').map((close) => JSON.parse(close.data)));
    expect(closes).toHaveLength(20);
    expect(new Set(closes.map((close) => `${close.code} ${close.reconnect}`))).toEqual(new Set(['3000 true']));
    expect(new Set(clients.map((client) => client.retryMs)).size).toBeGreaterThan(10);
    expect((await fetch(`${running.url}/readyz`)).status).toBe(503);
  });

  it('tells a client so while the engine cannot be reached', async () => {
    const engine = memory();
    const broken = () => Promise.reject(new EngineUnavailable('no disk'));
    await using running = await startLive({
      engine: { ...engine, broker: { ...brokerOf(engine), head: broken, read: broken } },
    });

    using client = RawClient.get(running.port, '/live/sse?channel=log:a&channel=log:b');

    await expectRefusedInBand(client, 'ENGINE_UNAVAILABLE');
    await expectNothingOpen(running);
  });

  it('tells a client of a rate limit so, with the code of the rule', async () => {
    const access = (): AccessDecision => ({ allow: false, status: 429, code: 'TOO_MANY_PINS', message: 'Slower.' });
    await using running = await startWith({ channels: { 'court:{pin}': log({ access }) } });

    using client = RawClient.get(running.port, '/live/sse?channel=court:1');

    await expectRefusedInBand(client, 'TOO_MANY_PINS');
  });

  it.each([
    ['authenticate', { authenticate: () => Promise.reject(new Error('user database is down')) }],
    ['access', {}],
  ])('takes a throwing %s for a fault of the server, which passes', async (_, options) => {
    const faults: unknown[] = [];
    const access = (): AccessDecision => {
      throw new Error('no rule');
    };
    const onError = (error: unknown): void => {
      faults.push(error);
    };
    await using running = await startWith({ channels: { 'court:{pin}': log({ access }) }, ...options, onError });

    using client = RawClient.get(running.port, '/live/sse?channel=court:1');

    await expectRefusedInBand(client, 'INTERNAL');
    expect(faults).toHaveLength(1);
    expect(client.text).not.toMatch(/database|no rule/);
  });
});

describe('the channels of a request', () => {
  it('count once, however often they are named', async () => {
    await using running = await startLive();

    using client = RawClient.get(running.port, '/live/sse?channel=log:a&channel=log:a');
    await client.until('subscribed');

    expect(running.live.stats().subscriptions).toBe(1);
    expect(client.named('subscribed')[0]?.id).not.toMatch(/^1~/);
  });

  it('may be 128, under one cursor of less than 4 KiB', async () => {
    await using running = await startLive();
    const names = Array.from({ length: 128 }, (_, at) => `log:${'x'.repeat(100)}${at}`);
    const query = names.map((name) => `channel=${name}`).join('&');

    using client = RawClient.get(running.port, `/live/sse?${query}`);
    const subscribed = await client.until('subscribed', 128);

    expect(subscribed.at(-1)?.id.length).toBeLessThan(4096);
    expect(subscribed.at(-1)?.id).toMatch(/^[A-Za-z0-9._~-]+$/);
  });
});

describe('origins', () => {
  const origin = 'https://app.example.com';

  it('answers the listed origin with itself and credentials, and no other', async () => {
    await using running = await startLive({ allowedOrigins: [origin] });
    const get = (from: string) => fetch(`${running.url}/live/sse?channel=secret:a`, { headers: { Origin: from } });

    const listed = await get(origin);
    expect(listed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(listed.headers.get('access-control-allow-credentials')).toBe('true');
    for (const other of ['null', 'https://evil.example.com', `${origin}.evil.com`, 'http://app.example.com']) {
      const answer = await get(other);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      expect(await errorOf(answer)).toEqual({ status: 403, code: 'ORIGIN_FORBIDDEN' });
    }
  });

  it('puts the headers on the stream too', async () => {
    await using running = await startLive({ allowedOrigins: [origin] });

    using client = RawClient.get(running.port, '/live/sse?channel=log:a', { Origin: origin });
    await client.until('subscribed');

    expect(client.head.toLowerCase()).toContain(`access-control-allow-origin: ${origin}`);
    expect(client.head.toLowerCase()).toContain('vary: origin');
  });

  it('lets a preflight ask for authorization and last-event-id', async () => {
    await using running = await startLive({ allowedOrigins: [origin] });

    const answer = await fetch(`${running.url}/live/sse?channel=log:a`, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'GET' },
    });

    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/authorization/);
    expect(answer.headers.get('access-control-allow-headers')).toMatch(/last-event-id/);
  });
});

/** A broker's methods live on its prototype: bind them, so that a test may replace one. */
function brokerOf({ broker }: ReturnType<typeof memory>): typeof broker {
  return {
    append: (request) => broker.append(request),
    broadcast: (event) => broker.broadcast(event),
    read: (request) => broker.read(request),
    head: (channel) => broker.head(channel),
    follow: (channel, listener) => broker.follow(channel, listener),
  };
}
