/** Publishing in-process: what is stored, what is refused, and with which code. */
import { describe, expect, it } from 'vitest';
import {
  createFanfare,
  type FanfareError,
  log,
  MAX_PAYLOAD_BYTES,
  memory,
  publicChannels,
  signal,
  state,
} from '../../src/index.ts';
import { channels, refusal, Score, start } from './every-kind.ts';

describe('publish', () => {
  it('stores what the schema makes of the payload, and answers with position, duplicate and ack', async () => {
    const live = start();

    const receipt = await live.channel('match:1').publish('score', { points: 3 });
    const page = await live.channel('match:1').history();

    expect(receipt).toEqual({ position: expect.stringMatching(/^\w+\.1$/), duplicate: false, ack: 'accepted' });
    expect(page).toMatchObject({
      kind: 'events',
      events: [{ event: 'score', data: { points: 3, by: 'umpire' }, position: receipt.position }],
      more: false,
    });
  });

  it('stores a repeated idempotency key once per channel, and answers with the first position', async () => {
    const live = start();
    const publish = (channel: 'match:1' | 'match:2') =>
      live.channel(channel).publish('score', { points: 1 }, { idempotencyKey: 'k-1' });

    const [first, second, elsewhere] = [await publish('match:1'), await publish('match:1'), await publish('match:2')];

    expect(second).toEqual({ ...first, duplicate: true });
    expect(elsewhere.duplicate).toBe(false);
  });

  it('waits for a schema that validates asynchronously', async () => {
    const live = start();

    expect((await live.channel('match:1').publish('note', 'fine')).duplicate).toBe(false);
    expect(await refusal(live.channel('match:1').publish('note', 7 as never))).toEqual({
      code: 'PAYLOAD_INVALID',
      status: 422,
    });
  });

  it('sends signals, which have no receipt to keep', async () => {
    const live = start();

    expect(await live.api.publish({ channel: 'typing:a', event: 'typing', data: { points: 1 } })).toEqual({
      ...{ duplicate: false, ack: 'accepted' },
    });
  });

  it('keeps the order of calls made in one turn', async () => {
    const live = start();

    await Promise.all(Array.from({ length: 50 }, (_, n) => live.channel('match:1').publish('score', { points: n })));

    const page = await live.channel('match:1').history();
    expect(page.kind === 'events' && page.events.map((event) => event.data)).toEqual(
      Array.from({ length: 50 }, (_, n) => ({ points: n, by: 'umpire' })),
    );
  });

  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  const deep = JSON.parse(`${'['.repeat(33)}${']'.repeat(33)}`);
  const throwing = {
    toJSON() {
      throw new Error('no');
    },
  };
  it.each<readonly [string, unknown, string, number]>([
    ['undefined', undefined, 'PAYLOAD_INVALID', 422],
    ['a function', () => 1, 'PAYLOAD_INVALID', 422],
    ['NaN', Number.NaN, 'PAYLOAD_INVALID', 422],
    ['Infinity inside', { a: [1, Number.POSITIVE_INFINITY] }, 'PAYLOAD_INVALID', 422],
    ['a BigInt', { a: 1n }, 'PAYLOAD_INVALID', 422],
    ['a cycle', cyclic, 'PAYLOAD_INVALID', 422],
    ['33 levels', deep, 'PAYLOAD_INVALID', 422],
    ['a throwing toJSON', throwing, 'PAYLOAD_INVALID', 422],
    ['more than 64 KiB', 'ü'.repeat(MAX_PAYLOAD_BYTES / 2), 'BODY_TOO_LARGE', 413],
  ])('refuses %s, and stores nothing', async (_, data, code, status) => {
    const live = start();

    expect(await refusal(live.channel('open:a').publish('any', data))).toEqual({ code, status });
    expect(await live.channel('open:a').history()).toMatchObject({ events: [] });
  });

  it.each<readonly [string, unknown]>([
    ['null', null],
    ['null beside numbers', { a: null, b: [1, null], c: 'null' }],
    ['a date', new Date(0)],
    ['an undefined property, which JSON leaves out', { a: undefined, b: null }],
    ['64 KiB exactly', 'x'.repeat(MAX_PAYLOAD_BYTES - 2)],
    ['32 levels', JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`)],
  ])('takes %s', async (_, data) => {
    const live = start();

    await live.channel('open:a').publish('any', data);

    expect(await live.channel('open:a').history()).toMatchObject({
      events: [{ data: JSON.parse(JSON.stringify(data)) }],
    });
  });

  it.each([
    ['a bad channel name', { channel: 'match:*', event: 'score' }, 'CHANNEL_NAME_INVALID', 400],
    ['an unknown channel', { channel: 'nowhere', event: 'score' }, 'CHANNEL_UNKNOWN', 404],
    ['a state channel', { channel: 'court:1', event: 'score' }, 'CHANNEL_KIND_MISMATCH', 409],
    ['an event that is not declared', { channel: 'match:1', event: 'goal' }, 'EVENT_UNKNOWN', 400],
    ['an event of the prototype', { channel: 'match:1', event: 'constructor' }, 'EVENT_UNKNOWN', 400],
    ['a reserved event', { channel: 'open:1', event: 'heartbeat' }, 'EVENT_NAME_RESERVED', 400],
    ['a bad event name', { channel: 'open:1', event: 'a b' }, 'EVENT_NAME_INVALID', 400],
    [
      'a payload against the schema',
      { channel: 'match:1', event: 'score', data: { points: -1 } },
      'PAYLOAD_INVALID',
      422,
    ],
    [
      'an empty idempotency key',
      { channel: 'match:1', event: 'score', idempotencyKey: '' },
      'IDEMPOTENCY_KEY_INVALID',
      400,
    ],
    [
      'a long idempotency key',
      { channel: 'match:1', event: 'score', idempotencyKey: 'k'.repeat(129) },
      'IDEMPOTENCY_KEY_INVALID',
      400,
    ],
  ])('refuses %s', async (_, request, code, status) => {
    const live = start();

    expect(await refusal(live.api.publish({ data: { points: 1 }, ...request }))).toEqual({ code, status });
    expect(live.stats().published).toBe(0);
  });

  it('names the field that the schema refused', async () => {
    const error: FanfareError = await start()
      .channel('match:1')
      .publish('score', { points: 1.5 })
      .then(
        () => Promise.reject(new Error('was taken')),
        (thrown) => thrown,
      );

    expect(error.details).toMatchObject({
      field: 'points',
      issues: [{ field: 'points', message: expect.any(String) }],
    });
  });
});

describe('the channel map', () => {
  it('has the public channels unless they are switched off, and lets the map win', async () => {
    const open = createFanfare({ engine: memory(), channels: {} });
    const shut = createFanfare({ engine: memory(), channels: {}, publicChannels: false });
    const own = createFanfare({ engine: memory(), channels: { 'public:{name}': log({ events: { only: Score } }) } });
    const greet = { channel: 'public:a', event: 'greeting', data: 1 };

    expect((await open.api.publish(greet)).duplicate).toBe(false);
    expect((await refusal(shut.api.publish(greet))).code).toBe('CHANNEL_UNKNOWN');
    expect((await refusal(own.api.publish(greet))).code).toBe('EVENT_UNKNOWN');
    expect(Object.keys(publicChannels())).toEqual(['public:{name}', 'public-state:{name}']);
  });

  it.each<readonly [string, () => unknown]>([
    ['a reserved event name', () => log({ events: { error: Score } })],
    ['an event name with a space', () => log({ events: { 'a b': Score } })],
    ['keep without a bound', () => log({ keep: {} })],
    ['keep of nothing', () => log({ keep: { count: 0 } })],
    ['keep of no time', () => log({ keep: { days: 0 } })],
    ['a negative interval', () => state({ minIntervalMs: -1 })],
    ['no subscribers', () => signal({ maxSubscribers: 0 })],
    ['NaN subscribers', () => signal({ maxSubscribers: Number.NaN })],
    ['a bad pattern', () => createFanfare({ engine: memory(), channels: { 'a:{b': log() } })],
    [
      'two patterns of one shape',
      () => createFanfare({ engine: memory(), channels: { 'a:{b}': log(), 'a:{c}': log() } }),
    ],
    [
      'a heartbeat that proxies would not wait for',
      () => createFanfare({ engine: memory(), channels, heartbeatMs: 25_001 }),
    ],
    ['an origin that is none', () => createFanfare({ engine: memory(), channels, allowedOrigins: ['*'] })],
  ])('is refused at start for %s', (_, make) => {
    expect(make).toThrow(TypeError);
  });
});
