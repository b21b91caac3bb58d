/** Which Redis the engine takes, what it says of the others, and what an ack means on each. */
import { inspect } from 'node:util';
import { findRedis } from '@fanfare/testkit';
import { redis } from 'fanfare/internal';
import { describe, expect, it } from 'vitest';
import { isReady, note, RedisFixture, until } from './redis-fixture.ts';

describe('redis(url)', () => {
  it.each(['', 'localhost', 'http://localhost', 'redis://localhost/x', 'redis:'])('refuses %j', (url) => {
    expect(() => redis(url)).toThrow(TypeError);
  });

  it.each([{ timeoutMs: 0 }, { timeoutMs: Number.NaN }, { maxPending: -1 }])('refuses the option %j', (options) => {
    expect(() => redis('redis://localhost', options)).toThrow(TypeError);
  });

  it('shows no password', () => {
    expect(() => redis('https://:s3cret@host')).not.toThrow(/s3cret/);
  });
});

describe.skipIf(findRedis() === undefined)('the redis engine takes', () => {
  it.each([
    ['accepted', ['--appendonly', 'no', '--save', '']],
    ['committed', ['--appendonly', 'yes', '--appendfsync', 'everysec']],
    ['committed', ['--appendonly', 'yes', '--appendfsync', 'no']],
    ['durable', ['--appendonly', 'yes', '--appendfsync', 'always']],
    ['committed', ['--appendonly', 'yes', '--appendfsync', 'always', '--rename-command', 'CONFIG', '']],
  ])('an ack as %s with %j', async (ack, settings) => {
    await using fixture = await RedisFixture.start(settings);
    const engine = await fixture.open();

    expect((await engine.broker.append(note('a', 1))).ack).toBe(ack);
  });

  it.each([
    ['memory', ['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru'], 'noeviction'],
    ['a cluster', ['--cluster-enabled', 'yes'], 'cluster'],
    ['a replica', ['--replicaof', '127.0.0.1', '1'], 'replica'],
    ['a password', ['--requirepass', 'other'], 'NOAUTH'],
    ['rights', ['--user', 'default', 'on', 'nopass', '~*', '+@all', 'resetchannels'], "can't publish"],
  ])('none where %s is in the way, says so, and refuses appends', async (_, settings, reason) => {
    await using fixture = await RedisFixture.start(settings);
    const engine = fixture.openUnready();

    await until(() => expect(engine.health()).toMatchObject({ ready: false, reason: expect.stringContaining(reason) }));
    await expect(engine.broker.append(note('a', 1))).rejects.toMatchObject({
      name: 'EngineUnavailable',
      unknown: false,
    });
  });

  it.each([
    ['rights', ['--user', 'default', 'on', 'nopass', '~*', '+@all', 'resetchannels'], 'ERR', /The user/],
    ['nothing', [], 'ECONNREFUSED', /127\.0\.0\.1/],
  ])(
    'no address and no user into what strangers are shown, where %s is in the way',
    async (what, settings, code, whole) => {
      await using fixture = await RedisFixture.start(settings);
      if (what === 'nothing') await fixture.server.kill();
      const engine = fixture.openUnready();

      await until(() =>
        expect(engine.health()).toMatchObject({
          reason: expect.stringMatching(whole),
          shown: `Redis cannot be used (${code}).`,
        }),
      );
    },
  );

  it('no part of what was published into its errors', async () => {
    await using fixture = await RedisFixture.start();
    const engine = await fixture.open();
    await fixture.server.ask('CONFIG SET maxmemory 1');

    const error = await engine.broker.append(note('a', 's3cret')).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ name: 'EngineUnavailable' });
    expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
  });

  it('it as soon as it may', async () => {
    await using fixture = await RedisFixture.start(['--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru']);
    const engine = fixture.openUnready();
    await until(() => expect(engine.health()).toMatchObject({ reason: expect.stringContaining('noeviction') }));

    await fixture.server.ask('CONFIG SET maxmemory-policy noeviction');

    await isReady(engine);
  });

  it('one Redis for two hubs: by prefix, and by database, events and signals stay apart', async () => {
    await using fixture = await RedisFixture.start();
    const engines = [
      await fixture.open(),
      await fixture.open({ prefix: 'other:' }),
      redis(`${fixture.server.url}/1`),
    ] as const;
    await isReady(engines[2]);
    const seen: string[] = [];
    engines.forEach((engine, index) => {
      engine.broker.follow('a', (events) => seen.push(...events.map((event) => `${index} ${event.dataJson}`)));
    });
    for (const engine of engines) await engine.broker.head('a');

    for (const engine of engines) engine.broker.broadcast({ channel: 'a', event: 'e', dataJson: '"signal"' });
    const offsets = [];
    for (const engine of engines) offsets.push((await engine.broker.append(note('a', 'event'))).position.offset);
    for (const engine of engines) await engine.broker.head('a');

    expect(offsets).toEqual([1, 1, 1]);
    expect(seen.sort()).toEqual([0, 1, 2].flatMap((index) => [`${index} "event"`, `${index} "signal"`]));
    await engines[2].close();
  });
});
