/** What the redis engine does when Redis does not (reliability E1 to E3, E6): it refuses, says why, heals, and leaves no hole. */
import { findRedis } from '@fanfare/testkit';
import { EngineUnavailable } from 'fanfare/internal';
import { describe, expect, it } from 'vitest';
import { collect, expectWhole, isReady, note, Publisher, RedisFixture, until } from './redis-fixture.ts';

const KEEP_ALL = { kind: 'window' } as const;

describe.skipIf(findRedis() === undefined)('the redis engine', () => {
  it('hands on every event once and in order while its connections are cut again and again', async () => {
    await using fixture = await RedisFixture.start();
    const [here, there] = [await fixture.open(), await fixture.open()];
    const seen = [await collect(here, 'a'), await collect(there, 'a')];
    const publishers = [
      new Publisher(here, 'a', 'p1'),
      new Publisher(there, 'a', 'p2'),
      new Publisher(there, 'a', 'p3'),
    ];

    for (const type of ['pubsub', 'normal', 'pubsub', 'normal', 'pubsub', 'pubsub']) {
      const sofar = seen[0]?.length ?? 0;
      await until(() => expect(seen[0]?.length).toBeGreaterThan(sofar + 50));
      await fixture.server.ask(`CLIENT KILL TYPE ${type} SKIPME yes`);
    }
    for (const publisher of publishers) await publisher.stop();

    const total = publishers.reduce((sum, publisher) => sum + publisher.acked.length, 0);
    await until(() => expect(seen.map((events) => events.length)).toEqual([total, total]));
    for (const events of seen) expectWhole(events, publishers);
    expect(seen[0]).toEqual(seen[1]);
    await isReady(here);
  });

  it('hands on what was appended while it was cut off, though nothing comes after it that would show the hole', async () => {
    await using fixture = await RedisFixture.start();
    const [here, there] = [await fixture.open(), await fixture.open()];
    const seen = await collect(there, 'a');

    for (const round of [1, 2, 3, 4, 5, 6, 7, 8]) {
      await fixture.server.ask('CLIENT KILL TYPE pubsub SKIPME yes');
      await here.broker.append(note('a', round));

      await until(() =>
        expect(seen.map((event) => event.offset)).toEqual(Array.from({ length: round }, (_, n) => n + 1)),
      );
    }
  });

  it('refuses what Redis does not answer in time, as unknown, then everything at once; and goes on when it is back', async () => {
    await using fixture = await RedisFixture.start();
    const [here, there] = [await fixture.open(), await fixture.open()];
    const seen = [await collect(here, 'a'), await collect(there, 'a')];
    await here.broker.append(note('a', 'before'));

    fixture.server.pause();
    const sent = await here.broker
      .append(note('a', 'unknown', { idempotencyKey: 'k' }))
      .catch((error: unknown) => error);
    expect(sent).toMatchObject({ name: 'EngineUnavailable', unknown: true });
    await until(() => expect(here.health().ready).toBe(false));
    await until(() => expect(there.health().ready).toBe(false));
    await expect(here.broker.append(note('a', 'never'))).rejects.toMatchObject({ unknown: false });
    const asked = performance.now();
    await expect(here.broker.append(note('a', 'never'))).rejects.toThrow(EngineUnavailable);
    await expect(here.broker.read({ channel: 'a', retention: KEEP_ALL, after: undefined, limit: 9 })).rejects.toThrow(
      EngineUnavailable,
    );
    expect(performance.now() - asked).toBeLessThan(500);

    fixture.server.resume();
    await isReady(here);
    await isReady(there);
    const again = await here.broker.append(note('a', 'unknown', { idempotencyKey: 'k' }));
    expect(again.position.offset).toBe(2);
    await there.broker.append(note('a', 'after'));
    await until(() => expect(seen.map((events) => events.length)).toEqual([3, 3]));
    for (const events of seen)
      expect(events.map((event) => event.dataJson)).toEqual(['"before"', '"unknown"', '"after"']);
  });

  it('survives a Redis that is killed and started again: refused meanwhile, and clients are told by the epoch', async () => {
    await using fixture = await RedisFixture.start();
    const [here, there] = [await fixture.open(), await fixture.open()];
    const seen = [await collect(here, 'a'), await collect(there, 'a')];
    const publishers = [new Publisher(here, 'a', 'p1'), new Publisher(there, 'a', 'p2')];
    await until(() => expect(seen[1]?.length).toBeGreaterThan(100));

    await fixture.server.kill();
    await until(() => expect(publishers.every((publisher) => publisher.refusals.length > 0)).toBe(true));
    expect(here.health()).toMatchObject({ ready: false, reason: expect.stringContaining('Redis cannot be used') });
    await fixture.server.start();
    await isReady(here);
    const reached = publishers.map((publisher) => publisher.acked.length);
    await until(() => expect(publishers.every((p, i) => p.acked.length > (reached[i] ?? 0) + 50)).toBe(true));
    for (const publisher of publishers) await publisher.stop();
    const last = await here.broker.append(note('a', 'last'));

    await until(() => expect(seen.map((events) => events.at(-1)?.dataJson)).toEqual(['"last"', '"last"']));
    const epochs = seen.map((events) => [...new Set(events.map((event) => event.epoch))]);
    expect(epochs[0]).toHaveLength(2);
    expect(epochs[1]).toEqual(epochs[0]);
    // An (epoch, offset) names one event only, whoever saw it.
    const named = new Map(seen.flat().map((event) => [`${event.epoch} ${event.offset}`, event.dataJson]));
    for (const event of seen.flat()) expect(named.get(`${event.epoch} ${event.offset}`)).toBe(event.dataJson);
    for (const events of seen) {
      const fresh = events.filter((event) => event.epoch === last.position.epoch);
      const first = fresh[0]?.offset ?? 0;
      expect(fresh.map((event) => event.offset)).toEqual(fresh.map((_, index) => first + index));
    }
    const old = seen[0]?.[0];
    const read = await here.broker.read({
      channel: 'a',
      retention: KEEP_ALL,
      after: { epoch: old?.epoch ?? '', offset: old?.offset ?? 0 },
      limit: 9,
    });
    expect(read).toMatchObject({ kind: 'gap', cause: 'epoch' });
  });

  it('keeps the epoch over a kill where Redis answers only for what is on disk, and loses nothing acked', async () => {
    await using fixture = await RedisFixture.start(['--appendonly', 'yes', '--appendfsync', 'always', '--save', '']);
    const [here, there] = [await fixture.open(), await fixture.open()];
    const seen = [await collect(here, 'a'), await collect(there, 'a')];
    const publishers = [new Publisher(here, 'a', 'p1'), new Publisher(there, 'a', 'p2')];

    for (const round of [1, 2]) {
      await until(() => expect(seen[1]?.length).toBeGreaterThan(100 * round));
      await fixture.server.kill();
      await fixture.server.start();
      await isReady(here);
      await isReady(there);
    }
    for (const publisher of publishers) await publisher.stop();

    expect(publishers[0]?.acked[0]?.appended.ack).toBe('durable');
    const total = (await here.broker.head('a')).offset;
    await until(() => expect(seen.map((events) => events.length)).toEqual([total, total]));
    for (const events of seen) expectWhole(events, publishers);
    expect(new Set(seen.flat().map((event) => event.epoch)).size).toBe(1);
  });

  it('begins another epoch after FLUSHALL, and followers hear every event of it', async () => {
    await using fixture = await RedisFixture.start();
    const [here, there] = [await fixture.open(), await fixture.open()];
    const seen = [await collect(here, 'a'), await collect(there, 'a')];
    for (const n of [1, 2, 3]) await here.broker.append(note('a', n));
    const before = await here.broker.head('a');

    await fixture.server.ask('FLUSHALL');
    const after = await there.broker.append(note('a', 4));
    await here.broker.append(note('a', 5));

    expect(after.position.epoch).not.toBe(before.epoch);
    expect(after.position.offset).toBe(1);
    const names = [before, before, before, after.position, after.position].map(({ epoch }) => epoch);
    await until(() => expect(seen.map((events) => events.length)).toEqual([5, 5]));
    for (const events of seen) {
      expect(events.map((event) => event.epoch)).toEqual(names);
      expect(events.map((event) => event.offset)).toEqual([1, 2, 3, 1, 2]);
    }
    expect(await here.broker.read({ channel: 'a', retention: KEEP_ALL, after: before, limit: 9 })).toMatchObject({
      kind: 'gap',
      cause: 'epoch',
    });
  });

  it('begins another epoch where a channel has lost its head, and gives no offset twice', async () => {
    await using fixture = await RedisFixture.start();
    const engine = await fixture.open();
    for (const n of [1, 2, 3]) await engine.broker.append(note('a', n));
    const before = await engine.broker.head('a');

    await fixture.server.ask('DEL fanfare:{a}:head');
    const after = await engine.broker.append(note('a', 4));

    expect(after.position.epoch).not.toBe(before.epoch);
    expect(after.position.offset).toBe(1);
  });

  it('goes on when the scripts were forgotten, or somebody publishes nonsense on its channels', async () => {
    await using fixture = await RedisFixture.start();
    const [here, there] = [await fixture.open(), await fixture.open()];
    const seen = await collect(there, 'a');
    const first = await here.broker.append(note('a', 1));
    await until(() => expect(seen).toHaveLength(1));

    await fixture.server.ask('SCRIPT FLUSH');
    for (const nonsense of [
      'x',
      '0',
      '2',
      '-1',
      `2\u00a0${first.position.epoch}`,
      '0\u00a0x\u00a0y',
      '99\u00a0E\u00a0',
    ]) {
      await fixture.server.ask(`PUBLISH fanfare:0:live:a "${nonsense.replaceAll('\u00a0', ' ')}"`);
    }
    await Promise.all([2, 3, 4].map((n) => here.broker.append(note('a', n))));

    await until(() => expect(seen.map((event) => event.dataJson)).toEqual(['1', '2', '3', '4']));
  });

  it('follows ten thousand channels anew after its connection was cut', async () => {
    await using fixture = await RedisFixture.start();
    const [here, there] = [await fixture.open({ timeoutMs: 5000 }), await fixture.open()];
    const names = Array.from({ length: 10_000 }, (_, n) => `c${n}`);
    const seen = new Set<string>();
    for (const name of names) here.broker.follow(name, () => seen.add(name));
    await here.broker.head('c9999');

    await fixture.server.ask('CLIENT KILL TYPE pubsub SKIPME yes');
    for (const name of names.slice(0, 500)) await there.broker.append(note(name, 1));

    await until(() => expect(seen.size).toBe(500));
  });

  it('refuses appends beyond its bound and stores the others', async () => {
    await using fixture = await RedisFixture.start();
    const engine = await fixture.open({ maxPending: 10 });

    const outcomes = await Promise.allSettled(Array.from({ length: 15 }, (_, n) => engine.broker.append(note('a', n))));

    expect(outcomes.filter((outcome) => outcome.status === 'rejected')).toHaveLength(5);
    expect(outcomes[14]).toMatchObject({ reason: { name: 'EngineUnavailable', unknown: false } });
    expect((await engine.broker.head('a')).offset).toBe(10);
  });

  it('refuses while memory is full, stores nothing of it, and heals', async () => {
    await using fixture = await RedisFixture.start();
    const engine = await fixture.open();
    const seen = await collect(engine, 'a');
    await engine.broker.append(note('a', 1));

    await fixture.server.ask('CONFIG SET maxmemory 1');
    await expect(engine.broker.append(note('a', 2))).rejects.toMatchObject({
      name: 'EngineUnavailable',
      unknown: false,
    });
    await fixture.server.ask('CONFIG SET maxmemory 0');

    expect((await engine.broker.append(note('a', 3))).position.offset).toBe(2);
    expect(seen.map((event) => event.dataJson)).toEqual(['1', '3']);
  });
});
