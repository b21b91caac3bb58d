/** Who gets no answer from /live/poll: real statuses with stable codes, and nothing changed [§15.5]. */
import { describe, expect, it, vi } from 'vitest';
import { type Broker, EngineUnavailable } from '../../src/core/index.ts';
import { type AccessDecision, type AccessRequest, FanfareError, type Identity, log, memory } from '../../src/index.ts';
import { expectNothingOpen, startLive, startWith } from './live-fixture.ts';
import { poll, refusal, untilWaiting } from './poll-fixture.ts';

describe('a request that is no good', () => {
  const many = Array.from({ length: 129 }, (_, at) => `channel=log:${at}`).join('&');
  it.each([
    ['no channel', '', 400, 'CHANNEL_MISSING'],
    ['a cursor and no channel', 'cursor=1~k3Zq81.6fnxFu7j15', 400, 'CHANNEL_MISSING'],
    ['an empty name', 'channel=', 400, 'CHANNEL_NAME_INVALID'],
    ['a name with a line end', 'channel=log:%0D%0Aa', 400, 'CHANNEL_NAME_INVALID'],
    ['a name with a wildcard', 'channel=log:*', 400, 'CHANNEL_NAME_INVALID'],
    ['a position without a name', 'channel=@k3Zq81.1', 400, 'CHANNEL_NAME_INVALID'],
    ['a name that no pattern matches', 'channel=nothing', 404, 'CHANNEL_UNKNOWN'],
    ['more than 128 channels', many, 400, 'TOO_MANY_CHANNELS'],
    ['a wait that is no number', 'channel=log:a&wait=long', 400, 'FIELD_INVALID'],
    ['a negative wait', 'channel=log:a&wait=-1', 400, 'FIELD_INVALID'],
    ['an infinite wait', 'channel=log:a&wait=Infinity', 400, 'FIELD_INVALID'],
    ['a wait in another notation', 'channel=log:a&wait=1e3', 400, 'FIELD_INVALID'],
    ['a connection that is no id', 'channel=log:a&connection=a%0Ab', 400, 'FIELD_INVALID'],
    ['a connection that is too short to be one', 'channel=log:a&connection=1', 400, 'FIELD_INVALID'],
    ['a connection that is too long to be one', `channel=log:a&connection=${'a'.repeat(200)}`, 400, 'FIELD_INVALID'],
    ['a channel without an access rule', 'channel=secret:a', 403, 'FORBIDDEN'],
    ['one forbidden channel among allowed ones', 'channel=log:a&channel=secret:a&wait=20', 403, 'FORBIDDEN'],
  ])('is refused with a stable code, and changes nothing: %s', async (_, query, status, code) => {
    await using running = await startLive();
    const changed = vi.fn();
    running.live.observe((event) => !/limit-reached|access-denied/.test(event.kind) && changed(event));

    const answer = await poll(running, query);

    expect(refusal(answer)).toEqual({ status, code });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('retry-after')).toBeNull();
    expect(changed).not.toHaveBeenCalled();
  });

  it.each(['POST', 'PUT', 'DELETE'])('is refused where it is no GET: %s', async (method) => {
    await using running = await startLive();

    const answer = await poll(running, 'channel=log:a', { method });

    expect(refusal(answer)).toEqual({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    expect(answer.headers.get('allow')).toContain('GET');
  });

  it('is refused in the language of the reader', async () => {
    await using running = await startLive();

    expect((await poll(running, '', { headers: { 'Accept-Language': 'vi' } })).error?.message).toMatch(/kênh/);
  });

  it.each([
    ['empty parameters', 'channel=log:a&wait=&cursor=&connection='],
    ['a channel that is named twice', 'channel=log:a&channel=log:a'],
    ['an empty position', 'channel=log:a@'],
    ['parameters of a later version', 'channel=log:a&future=1'],
  ])('is not what this is: %s', async (_, query) => {
    await using running = await startLive();

    const answer = await poll(running, query);

    expect(answer).toMatchObject({ status: 200, recovered: true, events: [] });
    expect(answer.subscriptions).toHaveLength(1);
  });
});

describe('a client that may not', () => {
  it('is told what the access rule and authenticate say, on every poll anew', async () => {
    const asked: AccessRequest[] = [];
    const access = (request: AccessRequest): AccessDecision => {
      asked.push(request);
      if (request.identity === undefined) return { allow: false, status: 401, code: 'UNAUTHENTICATED' };
      const allow = request.identity.subject === request.params['user'];
      return { allow, status: 403, code: 'NOT_YOURS', message: 'No.' };
    };
    const authenticate = async (request: { headers: Record<string, unknown> }): Promise<Identity | undefined> => {
      const token = request.headers['authorization'];
      if (token === 'Bearer broken') throw new FanfareError('CREDENTIAL_EXPIRED');
      return typeof token === 'string' ? { subject: token.slice(7), roles: [] } : undefined;
    };
    await using running = await startWith({ channels: { 'inbox:{user}': log({ access }) }, authenticate });
    const get = (headers: Record<string, string>) => poll(running, 'channel=inbox:7', { headers });

    const { headers } = await get({ Authorization: 'Bearer 7' });
    const tag = { 'If-None-Match': headers.get('etag') ?? '' };

    expect(refusal(await get(tag))).toEqual({ status: 401, code: 'UNAUTHENTICATED' });
    expect(refusal(await get({ ...tag, Authorization: 'Bearer 8' }))).toEqual({ status: 403, code: 'NOT_YOURS' });
    expect(refusal(await get({ Authorization: 'Bearer broken' }))).toEqual({ status: 401, code: 'CREDENTIAL_EXPIRED' });
    expect((await get({ ...tag, Authorization: 'Bearer 7' })).status).toBe(304);
    expect(asked[0]).toMatchObject({ action: 'subscribe', channel: 'inbox:7', address: '127.0.0.1' });
  });

  it('for now is told 429 and when to come back, with the code of the rule', async () => {
    const access = (): AccessDecision => ({ allow: false, status: 429, code: 'TOO_MANY_PINS', message: 'Slower.' });
    await using running = await startWith({ channels: { 'court:{pin}': log({ access }) } });

    const answer = await poll(running, 'channel=court:1');

    expect(refusal(answer)).toEqual({ status: 429, code: 'TOO_MANY_PINS' });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  it('because of its origin is told 403', async () => {
    await using running = await startLive({ allowedOrigins: ['https://app.example.com'] });
    const get = (Origin: string) => poll(running, 'channel=log:a', { headers: { Origin } });

    expect((await get('https://app.example.com')).status).toBe(200);
    for (const origin of ['null', 'https://evil.example.com']) {
      expect(refusal(await get(origin))).toEqual({ status: 403, code: 'ORIGIN_FORBIDDEN' });
    }
  });

  it('is let ask with its credential and its tag from a listed origin', async () => {
    await using running = await startLive({ allowedOrigins: ['https://app.example.com'] });

    const answer = await fetch(`${running.url}/live/poll?channel=log:a`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'GET' },
    });

    const allowed = answer.headers.get('access-control-allow-headers')?.split(', ');
    expect(allowed).toEqual(expect.arrayContaining(['authorization', 'if-none-match']));
  });
});

// Side by side: most of it is waiting.
describe.concurrent('a server that cannot now', () => {
  it('lets exactly maxSubscribers wait when all ask at once, and tells the others 503', async () => {
    await using running = await startLive({ authenticate: () => Promise.resolve(undefined) });

    const polls = Array.from({ length: 10 }, () => poll(running, 'channel=small:a&wait=20'));
    const settled: number[] = [];
    for (const each of polls) void each.then(({ status }) => settled.push(status));
    await vi.waitUntil(() => settled.length === 9, { timeout: 10_000 });
    await running.live.channel('small:a').publish('n', 1);
    const answers = await Promise.all(polls);

    expect(answers.filter(({ status }) => status === 200).map(({ data }) => data)).toEqual([[1]]);
    for (const refused of answers.filter(({ status }) => status !== 200)) {
      expect(refusal(refused)).toEqual({ status: 503, code: 'TOO_MANY_CONNECTIONS' });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    await expectNothingOpen(running);
  });

  it('serves none of the channels of a poll when one of them is full', async () => {
    await using running = await startLive();
    const waiting = poll(running, 'channel=small:a&wait=20');
    await untilWaiting(running.live);

    expect((await poll(running, 'channel=log:a&channel=small:a')).status).toBe(503);
    expect(running.live.channels()).toMatchObject([{ channel: 'small:a', subscribers: 1 }]);
    await running.live.channel('small:a').publish('n', 1);
    await waiting;
  });

  it('tells a client over maxConnections 503', async () => {
    await using running = await startLive({ limits: { maxConnections: 1 } });
    const waiting = poll(running, 'channel=log:a&wait=20');
    await untilWaiting(running.live);

    expect(refusal(await poll(running, 'channel=log:b'))).toEqual({ status: 503, code: 'TOO_MANY_CONNECTIONS' });
    await running.live.channel('log:a').publish('n', 1);
    await waiting;
  });

  it.each(['wait=0', 'wait=20'])(
    'tells 503 while its engine cannot be reached, and serves afterwards: %s',
    async (wait) => {
      const engine = memory();
      const broken = { down: true };
      const head: Broker['head'] = (channel) =>
        broken.down ? Promise.reject(new EngineUnavailable('no disk')) : engine.broker.head(channel);
      await using running = await startLive({ engine: { ...engine, broker: brokerWith(engine.broker, { head }) } });

      const refused = await poll(running, `channel=log:a&channel=log:b&${wait}`);
      broken.down = false;

      expect(refusal(refused)).toEqual({ status: 503, code: 'ENGINE_UNAVAILABLE' });
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      await expectNothingOpen(running);
      expect((await poll(running, 'channel=log:a&channel=log:b')).status).toBe(200);
    },
  );

  it('tells 503 when the engine does not answer in all the time of the wait', async () => {
    const engine = memory();
    const head: Broker['head'] = () => new Promise(() => {});
    await using running = await startLive({ engine: { ...engine, broker: brokerWith(engine.broker, { head }) } });

    expect(refusal(await poll(running, 'channel=log:a&wait=0.5'))).toEqual({ status: 503, code: 'ENGINE_UNAVAILABLE' });
    await expectNothingOpen(running);
  });

  it('tells 500 and no more when an access rule throws', async () => {
    const faults: unknown[] = [];
    const access = (): AccessDecision => {
      throw new Error('the secret of the rule');
    };
    const onError = (error: unknown): void => void faults.push(error);
    await using running = await startWith({ channels: { 'court:{pin}': log({ access }) }, onError });

    const answer = await poll(running, 'channel=court:1&wait=20');

    expect(refusal(answer)).toEqual({ status: 500, code: 'INTERNAL' });
    expect(answer.text).not.toContain('secret');
    expect(faults).toHaveLength(1);
  });
});

/** A broker's methods live on its prototype: bind them, so that a test may replace one. */
function brokerWith(broker: Broker, other: Partial<Broker>): Broker {
  return {
    append: (request) => broker.append(request),
    broadcast: (event) => broker.broadcast(event),
    read: (request) => broker.read(request),
    head: (channel) => broker.head(channel),
    follow: (channel, listener) => broker.follow(channel, listener),
    ...other,
  };
}
