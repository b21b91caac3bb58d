/** Suite: the same (channel, key) is stored once within the window (reliability D9). */
import { describe, expect, it } from 'vitest';
import { EngineFixture, type MakeEngine, note, offsetsOf, upTo } from './fixture.ts';

export function describeIdempotency(make: MakeEngine, durable: boolean): void {
  describe('idempotency', () => {
    it('stores one of 100 appended at once; the 99 others answer with its position', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      await broker.append(note('a', 'before'));
      const seen = fixture.follow('a');

      const answers = await Promise.all(
        upTo(100).map(() => broker.append(note('a', 'paid', { idempotencyKey: 'order-7' }))),
      );

      expect(answers.filter((answer) => !answer.duplicate)).toHaveLength(1);
      expect(new Set(answers.map((answer) => answer.position.offset))).toEqual(new Set([2]));
      expect(offsetsOf(seen)).toEqual([2]);
      expect(offsetsOf(await fixture.readAll('a'))).toEqual([1, 2]);
    });

    it('stores the same key on another channel', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;

      await broker.append(note('a', 1, { idempotencyKey: 'k' }));
      const elsewhere = await broker.append(note('b', 1, { idempotencyKey: 'k' }));

      expect(elsewhere.duplicate).toBe(false);
    });

    it('answers with the first position although its event is no longer kept', async () => {
      await using fixture = await EngineFixture.open(make);
      const { broker } = fixture.engine;
      const retention = { kind: 'window', count: 2 } as const;
      await broker.append(note('a', 0, { retention, idempotencyKey: 'k' }));
      for (const n of upTo(300)) await broker.append(note('a', n, { retention }));

      const again = await broker.append(note('a', 0, { retention, idempotencyKey: 'k' }));

      expect(again).toMatchObject({ duplicate: true, position: { offset: 1 } });
    });

    it('forgets a key beyond the age and beyond the count of its window', async () => {
      await using fixture = await EngineFixture.open(make, { ageMs: 1000, count: 3 });
      const append = (key: string) => fixture.engine.broker.append(note('a', key, { idempotencyKey: key }));
      const isDuplicate = async (key: string) => (await append(key)).duplicate;
      for (const key of ['k1', 'k2', 'k3']) await append(key);

      expect(await isDuplicate('k1')).toBe(true);
      expect(await isDuplicate('k4')).toBe(false);
      expect(await isDuplicate('k1')).toBe(false);
      expect(await isDuplicate('k3')).toBe(true);
      fixture.advance(1001);
      expect(await isDuplicate('k3')).toBe(false);
    });

    if (durable) itRemembersAcrossRestart(make);
  });
}

function itRemembersAcrossRestart(make: MakeEngine): void {
  it('remembers keys across a restart', async () => {
    await using fixture = await EngineFixture.open(make);
    const first = await fixture.engine.broker.append(note('a', 1, { idempotencyKey: 'k' }));

    await fixture.reopen();
    const again = await fixture.engine.broker.append(note('a', 1, { idempotencyKey: 'k' }));
    const elsewhere = await fixture.engine.broker.append(note('b', 1, { idempotencyKey: 'k' }));

    expect(again).toMatchObject({ duplicate: true, position: first.position });
    expect(elsewhere.duplicate).toBe(false);
  });
}
