/** Suite: reads are whole or a gap with its cause; what each retention keeps. */
import type { Retention } from 'fanfare/internal';
import { describe, expect, it } from 'vitest';
import { EngineFixture, eventsOf, KEEP_ALL, type MakeEngine, NEWEST, note, offsetsOf, upTo, value } from './fixture.ts';

const LAST_50: Retention = { kind: 'window', count: 50 };
const ONE_SECOND: Retention = { kind: 'window', ageMs: 1000 };

export function describeWindow(make: MakeEngine, durable: boolean): void {
  describe('read of a window', () => {
    it('gives pages in order and says whether more follow', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      await Promise.all(upTo(20).map((n) => broker.append(note('a', n))));
      const { epoch } = await broker.head('a');
      const read = (offset: number) =>
        broker.read({ channel: 'a', retention: KEEP_ALL, after: { epoch, offset }, limit: 8 });

      const pages = [await read(0), await read(8), await read(12), await read(16), await read(20)];

      expect(pages.map((page) => offsetsOf(eventsOf(page)))).toEqual([
        [1, 2, 3, 4, 5, 6, 7, 8],
        [9, 10, 11, 12, 13, 14, 15, 16],
        [13, 14, 15, 16, 17, 18, 19, 20],
        [17, 18, 19, 20],
        [],
      ]);
      expect(pages.map((page) => page.kind === 'events' && page.more)).toEqual([true, true, false, false, false]);
      expect(pages.map((page) => page.head)).toEqual(pages.map(() => ({ epoch, offset: 20 })));
    });

    it('keeps the last N', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      for (const n of upTo(400)) await broker.append(note('a', n, { retention: LAST_50 }));
      const { epoch } = await broker.head('a');
      const read = (offset: number) =>
        broker.read({ channel: 'a', retention: LAST_50, after: { epoch, offset }, limit: 100 });

      expect(offsetsOf(await fixture.readAll('a', LAST_50))).toEqual(upTo(400).slice(350));
      expect(offsetsOf(eventsOf(await read(350)))).toEqual(upTo(400).slice(350));
      expect(await read(349)).toEqual({ kind: 'gap', cause: 'trimmed', head: { epoch, offset: 400 } });
    });

    it('keeps no event beyond its age, and never gives an offset twice after all are gone', async () => {
      await using fixture = await EngineFixture.open(make);
      const append = (n: number) => fixture.engine.broker.append(note('a', n, { retention: ONE_SECOND }));
      await Promise.all(upTo(3).map(append));
      fixture.advance(600);
      await append(4);
      fixture.advance(600);

      expect(offsetsOf(await fixture.readAll('a', ONE_SECOND))).toEqual([4]);
      fixture.advance(600);
      expect(await fixture.readAll('a', ONE_SECOND)).toEqual([]);
      if (durable) await fixture.reopen();
      expect((await append(5)).position.offset).toBe(5);
      expect(offsetsOf(await fixture.readAll('a', ONE_SECOND))).toEqual([5]);
    });
  });
}

export function describeGaps(make: MakeEngine): void {
  /** reliability D12: positions that cannot be recovered. 100 events, the last 50 kept. */
  const unrecoverable = [
    { what: 'a trimmed position', after: { offset: 10 }, cause: 'trimmed' },
    { what: 'the beginning of a trimmed channel', after: { offset: 0 }, cause: 'trimmed' },
    { what: 'a position ahead of the channel', after: { offset: 101 }, cause: 'ahead' },
    { what: "another channel's longer history", after: { offset: 5000 }, cause: 'ahead' },
    { what: 'a position of another history', after: { epoch: 'OTHER123', offset: 60 }, cause: 'epoch' },
    { what: 'the beginning of another history', after: { epoch: 'OTHER123', offset: 0 }, cause: 'epoch' },
    { what: 'a negative offset', after: { offset: -1 }, cause: 'invalid' },
    { what: 'an offset that is no number', after: { offset: Number.NaN }, cause: 'invalid' },
  ];

  it.each(unrecoverable)('answers $what with the gap $cause and not one event', async ({ after, cause }) => {
    await using fixture = await EngineFixture.open(make);
    const { broker } = fixture.engine;
    await Promise.all(upTo(100).map((n) => broker.append(note('a', n, { retention: LAST_50 }))));
    const head = await broker.head('a');

    const outcome = await broker.read({ channel: 'a', retention: LAST_50, after: { ...head, ...after }, limit: 1000 });

    expect(outcome).toEqual({ kind: 'gap', cause, head });
  });

  it('answers a position in a channel that never had an event: the beginning is whole, the rest is ahead', async () => {
    await using fixture = await EngineFixture.open(make);
    const { broker } = fixture.engine;
    const head = await broker.head('empty');
    const read = (offset: number) =>
      broker.read({ channel: 'empty', retention: KEEP_ALL, after: { ...head, offset }, limit: 9 });

    expect(await read(0)).toEqual({ kind: 'events', events: [], head: { ...head, offset: 0 }, more: false });
    expect(await read(1)).toEqual({ kind: 'gap', cause: 'ahead', head: { ...head, offset: 0 } });
  });
}

export function describeNewest(make: MakeEngine): void {
  describe('read of the newest values', () => {
    it('gives the newest of each key, in the order they were set', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      for (const [key, content] of [
        ['', 1],
        ['x', 1],
        ['y', 1],
        ['x', 2],
        ['', 2],
      ] as const) {
        await broker.append(value('s', key, content));
      }

      const kept = await fixture.readAll('s', NEWEST);

      expect(kept.map(({ key, dataJson, offset }) => ({ key, dataJson, offset }))).toEqual([
        { key: 'y', dataJson: '1', offset: 3 },
        { key: 'x', dataJson: '2', offset: 4 },
        { key: '', dataJson: '2', offset: 5 },
      ]);
    });

    it('after a position gives what changed since, however long ago, in pages', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      for (const n of upTo(300)) await broker.append(value('s', `k${n % 10}`, n));
      const head = await broker.head('s');
      const read = (offset: number, limit: number) =>
        broker.read({ channel: 's', retention: NEWEST, after: { ...head, offset }, limit });

      expect(offsetsOf(eventsOf(await read(1, 100)))).toEqual(upTo(300).slice(290));
      expect(await read(296, 3)).toMatchObject({
        kind: 'events',
        more: true,
        events: [{ offset: 297 }, { offset: 298 }, { offset: 299 }],
      });
      expect(await read(299, 3)).toMatchObject({
        kind: 'events',
        more: false,
        events: [{ offset: 300, key: 'k0', dataJson: '300' }],
      });
      expect(await read(300, 3)).toMatchObject({ kind: 'events', more: false, events: [] });
      expect(await read(301, 3)).toEqual({ kind: 'gap', cause: 'ahead', head });
    });
  });
}
