/** Suite of engines that several processes share: two of them at one place are one (reliability D9, D10, D11). */
import type { Engine, StoredEvent } from 'fanfare/internal';
import { describe, expect, it, vi } from 'vitest';
import { EngineFixture, eventsOf, KEEP_ALL, type MakeEngine, NEWEST, note, offsetsOf, upTo, value } from './fixture.ts';

const ROUNDS = 100;

export function describeSharing(make: MakeEngine): void {
  describe('two of it at one place', () => {
    describeOneOrder(make);
    describeJoining(make);
  });
}

function describeOneOrder(make: MakeEngine): void {
  it('hand every event of 50 publishers over both to the followers of both, in the same order', async () => {
    await using fixture = await EngineFixture.open(make);
    const engines = [fixture.engine, await fixture.another()];
    const seen = await Promise.all(engines.map((engine) => collect(engine, 'a')));

    const appended = upTo(50).map(async (publisher) => {
      const { broker } = engines[publisher % 2] ?? fixture.engine;
      const mine: number[] = [];
      for (const n of upTo(40)) mine.push((await broker.append(note('a', `${publisher}-${n}`))).position.offset);
      return mine;
    });
    const offsets = (await Promise.all(appended)).flat();

    expect(offsets.sort((a, b) => a - b)).toEqual(upTo(2000));
    await arrive(() => seen.every((events) => events.length >= 2000));
    for (const events of seen) expect(offsetsOf(events)).toEqual(upTo(2000));
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).toEqual(await fixture.readAll('a'));
  });

  it('store one of 100 appends of one key over both; the 99 others answer with its position', async () => {
    await using fixture = await EngineFixture.open(make);
    const engines = [fixture.engine, await fixture.another()];
    const seen = await Promise.all(engines.map((engine) => collect(engine, 'a')));
    await engines[0]?.broker.append(note('a', 'before'));

    const answers = await Promise.all(
      upTo(100).map((n) => engines[n % 2]?.broker.append(note('a', 'paid', { idempotencyKey: 'order-7' }))),
    );
    const later = await engines[1]?.broker.append(note('a', 'after'));

    expect(answers.filter((answer) => answer?.duplicate === false)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer?.position.offset))).toEqual(new Set([2]));
    expect(later?.position.offset).toBe(3);
    await arrive(() => seen.every((events) => events.length >= 3));
    for (const events of seen) expect(offsetsOf(events)).toEqual([1, 2, 3]);
  });

  it('broadcast to the followers of both, once each', async () => {
    await using fixture = await EngineFixture.open(make);
    const [here, there] = [fixture.engine, await fixture.another()];
    const seen = await Promise.all([collect(here, 'typing:1'), collect(there, 'typing:1')]);
    const signal = (dataJson: string) => here.broker.broadcast({ channel: 'typing:1', event: 'typing', dataJson });
    // A signal reaches who listens: until the other does, it is sent again.
    await arrive(() => {
      if (seen[1]?.length === 0) signal('0');
      return seen[1]?.some((event) => event.dataJson === '0') === true;
    });

    signal('1');
    signal('2');

    const heard = () => seen.map((events) => events.map((event) => event.dataJson).filter((json) => json !== '0'));
    await arrive(() => heard().every((values) => values.includes('2')));
    expect(heard()).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
  });
}

function describeJoining(make: MakeEngine): void {
  it('lose nothing and double nothing for who follows, asks where the channel stands, and goes on from there', async () => {
    await using fixture = await EngineFixture.open(make);
    const there = await fixture.another();
    let running = true;
    const publishing = (async () => {
      for (let n = 1; running; n += 1) await fixture.engine.broker.append(note('a', n));
    })();

    for (const round of upTo(ROUNDS)) {
      const events: StoredEvent[] = [];
      const unfollow = there.broker.follow('a', (some) => events.push(...some));
      const from = await standOf(there, round);
      await arrive(() => (events.at(-1)?.offset ?? 0) >= from + 5);
      unfollow();
      const offsets = offsetsOf(events);
      const first = offsets[0] ?? Number.NaN;
      expect(first).toBeLessThanOrEqual(from + 1);
      expect(offsets).toEqual(upTo(offsets.length).map((n) => first + n - 1));
    }
    running = false;
    await publishing;
  });

  it('read what the other has written, at once', async () => {
    await using fixture = await EngineFixture.open(make);
    const there = await fixture.another();
    for (const n of upTo(20)) {
      const { position } = await fixture.engine.broker.append(note('a', n));
      await fixture.engine.broker.append(value('s', 'x', n));

      expect(await there.broker.head('a')).toEqual(position);
      const values = await there.broker.read({ channel: 's', retention: NEWEST, after: undefined, limit: 9 });
      expect(eventsOf(values).map((event) => event.dataJson)).toEqual([String(n)]);
    }
  });

  it('go on without the other', async () => {
    await using fixture = await EngineFixture.open(make);
    const there = await fixture.another();
    const seen = await collect(fixture.engine, 'a');
    await there.broker.append(note('a', 1));

    await there.close();
    await fixture.engine.broker.append(note('a', 2));

    await arrive(() => seen.length >= 2);
    expect(offsetsOf(seen)).toEqual([1, 2]);
  });
}

/** By the head, or by a read: both are promised. */
async function standOf(engine: Engine, round: number): Promise<number> {
  if (round % 2 === 0) return (await engine.broker.head('a')).offset;
  const page = await engine.broker.read({ channel: 'a', retention: KEEP_ALL, after: undefined, limit: 1 });
  return page.head.offset;
}

/** What its followers get from now on: with several engines, "now" is when it has said where the channel stands. */
async function collect(engine: Engine, channel: string): Promise<StoredEvent[]> {
  const seen: StoredEvent[] = [];
  engine.broker.follow(channel, (events) => seen.push(...events));
  await engine.broker.head(channel);
  return seen;
}

function arrive(fact: () => boolean): Promise<void> {
  return vi.waitFor(() => expect(fact()).toBe(true), { timeout: 10_000, interval: 5 });
}
