/** Suite: what `append` stores, and what followers see of it. */
import { type Engine, EngineUnavailable, type StoredEvent } from 'fanfare/internal';
import { describe, expect, it } from 'vitest';
import { EngineFixture, KEEP_ALL, type MakeEngine, note, offsetsOf, upTo } from './fixture.ts';

export function describeAppending(make: MakeEngine, durable: boolean): void {
  describe('append', () => {
    it('numbers the events of each channel from 1 and keeps what they hold', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;

      const first = await broker.append(note('a', { text: 'Xin chào 🏸', list: [1] }));
      const second = await broker.append(note('a', 'two', { event: 'other' }));
      const elsewhere = await broker.append(note('b', 'three'));

      const { epoch } = await broker.head('a');
      expect(epoch).toMatch(/^[A-Za-z0-9]{1,16}$/);
      expect([first, second, elsewhere].map((appended) => appended.position)).toEqual([
        { epoch, offset: 1 },
        { epoch, offset: 2 },
        { epoch, offset: 1 },
      ]);
      const time = fixture.now;
      expect(await fixture.readAll('a')).toEqual([
        { channel: 'a', event: 'note', dataJson: '{"text":"Xin chào 🏸","list":[1]}', key: '', epoch, offset: 1, time },
        { channel: 'a', event: 'other', dataJson: '"two"', key: '', epoch, offset: 2, time },
      ]);
    });

    it('says what its ack promises', async () => {
      await using fixture = await EngineFixture.open(make);

      const { ack, duplicate } = await fixture.engine.broker.append(note('a', 1));

      expect(duplicate).toBe(false);
      expect(durable ? ['committed', 'durable'] : ['accepted']).toContain(ack);
    });

    it('refuses a key that it could not give back as it was', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;

      for (const key of ['a\0b', '\ud800']) {
        await expect(broker.append(note('a', 1, { key }))).rejects.toThrow(TypeError);
        await expect(broker.append(note('a', 1, { idempotencyKey: key }))).rejects.toThrow(TypeError);
      }
      expect((await broker.head('a')).offset).toBe(0);
    });

    it('finishes what it accepted when it is closed, then refuses everything', async () => {
      await using fixture = await EngineFixture.open(make);
      const { engine } = fixture;
      const pending = upTo(20).map((n) => engine.broker.append(note('a', n)));

      await engine.close();
      await engine.close();

      expect((await Promise.all(pending)).map((appended) => appended.position.offset)).toEqual(upTo(20));
      await expectClosed(engine);
      if (!durable) return;
      await fixture.reopen();
      expect(offsetsOf(await fixture.readAll('a'))).toEqual(upTo(20));
    });
  });
}

export function describeFollowing(make: MakeEngine): void {
  describe('follow', () => {
    it('hands over every event of the channel once, in offset order, while many appends race', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      const seen = { a: fixture.follow('a'), b: fixture.follow('b') };

      const waves = upTo(10).map(async (wave) => {
        const turn = upTo(40).map((n) => broker.append(note(n % 3 === 0 ? 'b' : 'a', `${wave}-${n}`)));
        await Promise.all(turn);
      });
      await Promise.all(waves);

      expect(offsetsOf(seen.a)).toEqual(upTo(270));
      expect(offsetsOf(seen.b)).toEqual(upTo(130));
      expect(seen.a).toEqual(await fixture.readAll('a'));
      expect(seen.b).toEqual(await fixture.readAll('b'));
    });

    it('shows no event that a read would not find', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      const reads: Promise<boolean>[] = [];
      broker.follow('a', (events) => {
        const read = broker.read({ channel: 'a', retention: KEEP_ALL, after: undefined, limit: 1000 });
        const last = events.at(-1)?.offset ?? 0;
        reads.push(read.then((outcome) => outcome.kind === 'events' && outcome.head.offset >= last));
      });

      await Promise.all(upTo(50).map((n) => broker.append(note('a', n))));

      expect(reads.length).toBeGreaterThan(0);
      expect(await Promise.all(reads)).not.toContain(false);
    });

    it('begins with the next event and ends at unfollow, from inside a listener too', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      await broker.append(note('a', 1));
      const seen: number[] = [];
      const unfollow = broker.follow('a', (events) => {
        seen.push(...offsetsOf(events));
        unfollow();
      });
      const witness = fixture.follow('a');

      await broker.append(note('a', 2));
      await broker.append(note('a', 3));
      unfollow();

      expect(seen).toEqual([2]);
      expect(offsetsOf(witness)).toEqual([2, 3]);
    });

    it('keeps one order for all followers when a listener appends', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      const caused: Promise<unknown>[] = [];
      broker.follow('a', (events) => {
        if (events[0]?.offset === 1) caused.push(broker.append(note('a', 'caused')));
      });
      const second = fixture.follow('a');

      await broker.append(note('a', 'cause'));
      await Promise.all(caused);

      expect(second.map((event) => event.dataJson)).toEqual(['"cause"', '"caused"']);
      expect(offsetsOf(second)).toEqual([1, 2]);
    });
  });
}

export function describeBroadcast(make: MakeEngine): void {
  it('broadcasts to whoever follows now and keeps nothing', async () => {
    await using fixture = await EngineFixture.open(make);
    const { broker } = fixture.engine;
    const seen: StoredEvent[] = fixture.follow('typing:1');
    const elsewhere = fixture.follow('typing:2');

    broker.broadcast({ channel: 'typing:1', event: 'typing', dataJson: '{"who":7}' });

    expect(seen).toMatchObject([{ channel: 'typing:1', event: 'typing', dataJson: '{"who":7}', key: '', offset: 0 }]);
    expect(elsewhere).toEqual([]);
    expect((await broker.head('typing:1')).offset).toBe(0);
    expect(await fixture.readAll('typing:1')).toEqual([]);
  });
}

async function expectClosed(engine: Engine): Promise<void> {
  const { broker } = engine;
  await expect(broker.append(note('a', 1))).rejects.toThrow(EngineUnavailable);
  await expect(broker.read({ channel: 'a', retention: KEEP_ALL, after: undefined, limit: 1 })).rejects.toThrow(
    EngineUnavailable,
  );
  await expect(broker.head('a')).rejects.toThrow(EngineUnavailable);
  expect(() => broker.broadcast({ channel: 'a', event: 'e', dataJson: '1' })).not.toThrow();
  expect(engine.health().ready).toBe(false);
}
