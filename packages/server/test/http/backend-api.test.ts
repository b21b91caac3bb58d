import { describe, expect, it } from 'vitest';
import { type Engine, EngineUnavailable } from '../../src/core/index.ts';
import { memory } from '../../src/index.ts';
import { API_KEY, startLive } from './live-fixture.ts';

const POSITION = expect.stringMatching(/^[A-Za-z0-9]{1,16}\.[0-9a-z]+$/);

describe('the backend API', () => {
  it('publishes, and answers a repeated key with the first position', async () => {
    await using server = await startLive();
    const event = { channel: 'public:a', event: 'greeting', data: { text: 'hi' }, idempotencyKey: 'k1' };

    const first = await server.call('publish', event);
    const again = await server.call('publish', event);

    expect(first).toEqual({ status: 200, body: { position: POSITION, duplicate: false, ack: 'accepted' } });
    expect(again.body).toEqual({ ...Object(first.body), duplicate: true });
  });

  it('publishes a signal, which has no position', async () => {
    await using server = await startLive();

    const answer = await server.call('publish', { channel: 'typing:a', event: 'typing', data: null });

    expect(answer).toEqual({ status: 200, body: { duplicate: false, ack: 'accepted' } });
  });

  it('sets a state by key, and reads back what is kept', async () => {
    await using server = await startLive();

    await server.call('set', { channel: 'public-state:a', key: 'x', data: 1 });
    await server.call('set', { channel: 'public-state:a', key: 'x', data: 2 });
    const history = await server.call('history', { channel: 'public-state:a' });

    expect(history.body).toEqual({
      events: [
        { channel: 'public-state:a', event: 'state', key: 'x', data: 2, position: POSITION, time: expect.any(Number) },
      ],
      position: POSITION,
      more: false,
    });
  });

  it('pages through history by position', async () => {
    await using server = await startLive();
    for (const n of [1, 2, 3]) await server.call('publish', { channel: 'public:a', event: 'n', data: n });

    const first = await server.call('history', { channel: 'public:a', limit: 2 });
    const { position, more } = Object(first.body);
    const rest = await server.call('history', { channel: 'public:a', after: position, limit: 2 });

    expect(more).toBe(true);
    expect(rest.body).toMatchObject({
      events: [{ data: 3, event: 'n', channel: 'public:a' }],
      more: false,
      recovered: true,
    });
  });

  it('says that a position of another history cannot be recovered, and gives no event', async () => {
    await using server = await startLive();
    await server.call('publish', { channel: 'public:a', event: 'n', data: 1 });

    const answer = await server.call('history', { channel: 'public:a', after: 'zzzz.1' });

    expect(answer.body).toEqual({ events: [], position: POSITION, more: false, recovered: false, cause: 'epoch' });
  });

  it('runs a batch in order, and gives each item its own result', async () => {
    await using server = await startLive();
    const items = [
      { channel: 'public:a', event: 'n', data: 1 },
      { channel: 'no/such', event: 'n', data: 2 },
      { channel: 'public-state:s', data: { score: 3 } },
      'nonsense',
      { channel: 'public:a', event: 'n', data: 4, extra: true },
      { channel: 'public:a', event: 'n', data: 5 },
    ];

    const { status, body } = await server.call('batch', { items });
    const history = await server.call('history', { channel: 'public:a' });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      results: [
        { position: POSITION, duplicate: false },
        { error: { code: 'CHANNEL_NAME_INVALID' } },
        { position: POSITION, duplicate: false },
        { error: { code: 'FIELD_INVALID', details: { field: 'body' } } },
        { error: { code: 'FIELD_UNKNOWN', details: { field: 'extra' } } },
        { position: POSITION, duplicate: false },
      ],
    });
    expect(Object(history.body).events.map((event: { data: number }) => event.data)).toEqual([1, 5]);
  });

  it('takes a batch of a thousand items in a megabyte, and keeps their order', async () => {
    await using server = await startLive();
    const items = Array.from({ length: 1000 }, (_, n) => ({
      channel: 'public:a',
      event: 'n',
      data: [n, 'x'.repeat(900)],
    }));

    const { body } = await server.call('batch', { items });
    const page = await server.call('history', { channel: 'public:a', limit: 1000 });

    expect(Object(body).results).toHaveLength(1000);
    expect(Object(page.body).events.map((event: { data: [number] }) => event.data[0])).toEqual([...items.keys()]);
  });

  it.each([
    ['no items', { items: [] }, 400, 'BATCH_EMPTY'],
    ['1001 items', { items: Array.from({ length: 1001 }, () => 1) }, 413, 'BATCH_TOO_LARGE'],
    ['no list', { items: {} }, 400, 'FIELD_INVALID'],
    ['nothing', {}, 400, 'FIELD_MISSING'],
    ['over a megabyte', { items: ['x'.repeat(1_048_576)] }, 413, 'BODY_TOO_LARGE'],
  ])('refuses a batch with %s', async (_, batch, status, code) => {
    await using server = await startLive();

    expect(await server.call('batch', batch)).toMatchObject({ status, body: { error: { code } } });
  });

  it('lists channels and statistics, with and without a body', async () => {
    await using server = await startLive();
    await server.call('publish', { channel: 'public:a', event: 'n', data: 1 });
    const bare = await fetch(`${server.url}/live/api/channels`, { method: 'POST', headers: { 'X-API-Key': API_KEY } });

    expect(await bare.json()).toEqual({ channels: expect.any(Array) });
    expect((await server.call('channels', {})).body).toEqual({ channels: expect.any(Array) });
    expect((await server.call('stats', {})).body).toMatchObject({ connections: 0, published: 1 });
  });

  it('takes the key as a bearer token, in any case of the word', async () => {
    await using server = await startLive();
    const answer = (authorization: string) =>
      fetch(`${server.url}/live/api/stats`, { method: 'POST', headers: { Authorization: authorization } });

    expect((await answer(`Bearer ${API_KEY}`)).status).toBe(200);
    expect((await answer(`bearer ${API_KEY}`)).status).toBe(200);
    expect((await answer(`Basic ${API_KEY}`)).status).toBe(401);
  });

  it.each(['', 'x', `${API_KEY}x`, API_KEY.slice(1), API_KEY.toUpperCase(), `${API_KEY},${API_KEY}`])(
    'answers 401 API_KEY_INVALID to the key %j, before it looks at the body',
    async (key) => {
      await using server = await startLive();

      const answer = await server.call('publish', 'not json', { 'X-API-Key': key });

      expect(answer).toMatchObject({ status: 401, body: { error: { code: 'API_KEY_INVALID' } } });
    },
  );

  it('answers 405 to other methods and 404 to other names', async () => {
    await using server = await startLive();

    const get = await fetch(`${server.url}/live/api/publish`);
    const unknown = await server.call('nonsense', {});

    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });

  it('ends what is here and answers 503 where other servers may not hear of a disconnection', async () => {
    const engine = memory();
    let isAway = true;
    const away: Engine = {
      ...{ name: engine.name, broker: engine.broker, close: () => engine.close() },
      health: () => (isAway ? { ready: false, reason: 'cut off' } : { ready: true }),
    };
    await using server = await startLive({ engine: away });
    const streams = await Promise.all(['a', 'b'].map((name) => fetch(`${server.url}/live/sse?channel=public:${name}`)));
    const [first, second] = server.live.connections().map(({ id }) => ({ connection: id }));

    expect(await server.call('disconnect', first)).toMatchObject({
      status: 503,
      body: { error: { code: 'ENGINE_UNAVAILABLE' } },
    });
    expect(server.live.connections()).toMatchObject([{ id: second?.connection }]);
    isAway = false;
    expect(await server.call('disconnect', second)).toMatchObject({ status: 200, body: { connections: 1 } });
    for (const stream of streams) expect(await stream.text()).toContain('3507');
  });

  it('answers a retryable 503 while the engine is away, and says when the outcome is unknown', async () => {
    let unknown = false;
    const engine = memory();
    const away: Engine = {
      ...engine,
      name: engine.name,
      health: () => ({ ready: false, reason: 'the disk of 10.0.0.7 is full', shown: 'the disk is full' }),
      close: () => engine.close(),
      broker: {
        head: (channel) => engine.broker.head(channel),
        read: (request) => engine.broker.read(request),
        broadcast: () => {},
        follow: (channel, listener) => engine.broker.follow(channel, listener),
        append: () => Promise.reject(new EngineUnavailable('disk full', { unknown })),
      },
    };
    await using server = await startLive({ engine: away });
    const event = { channel: 'public:a', event: 'n', data: 1 };

    expect(await server.call('publish', event)).toMatchObject({
      status: 503,
      body: { error: { code: 'ENGINE_UNAVAILABLE' } },
    });
    unknown = true;
    expect(await server.call('publish', event)).toMatchObject({
      status: 503,
      body: { error: { code: 'OUTCOME_UNKNOWN' } },
    });
    expect(await (await fetch(`${server.url}/readyz`)).json()).toMatchObject({
      error: { code: 'NOT_READY', message: 'The server is not ready: the disk is full.' },
    });
    await fetch(`${server.url}/readyz`);
    // The operator's log has all of it, once.
    const lines = server.lines.filter(({ msg }) => msg === 'not ready');
    expect(lines).toMatchObject([{ reason: 'the disk of 10.0.0.7 is full' }]);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});
