/** Suite of durable engines: a restart keeps everything, and so does kill -9 (reliability D1, D2). */
import { describe, expect, it, vi } from 'vitest';
import { CHILD_CHANNELS, type ChildAck, EngineChild } from './engine-child.ts';
import { EngineFixture, type MakeEngine, NEWEST, note, offsetsOf, upTo, value } from './fixture.ts';

const ROUNDS = 6;

export function describeDurability(make: MakeEngine, child: URL): void {
  describe('durability', () => {
    it('keeps events, values, offsets and the epoch across restarts', async () => {
      await using fixture = await EngineFixture.open(make);
      await Promise.all(upTo(100).map((n) => fixture.engine.broker.append(note('a', n))));
      await fixture.engine.broker.append(value('s', 'x', 'kept'));
      const before = {
        a: await fixture.readAll('a'),
        s: await fixture.readAll('s', NEWEST),
        head: await fixture.engine.broker.head('a'),
      };

      await fixture.reopen();
      await fixture.reopen();

      const after = {
        a: await fixture.readAll('a'),
        s: await fixture.readAll('s', NEWEST),
        head: await fixture.engine.broker.head('a'),
      };
      expect(after).toEqual(before);
      expect((await fixture.engine.broker.append(note('a', 101))).position).toEqual({ ...before.head, offset: 101 });
    });

    it('loses no acked event to kill -9 in the middle of a burst, round after round', async () => {
      await using fixture = await EngineFixture.open(make);
      const { epoch } = await fixture.engine.broker.head('any');
      const acked: ChildAck[] = [];
      for (const round of upTo(ROUNDS)) {
        await fixture.engine.close();
        await using burst = new EngineChild(child, { place: fixture.place, task: 'burst', first: round * 1_000_000 });
        await vi.waitFor(() => expect(burst.acks().length).toBeGreaterThan(50 + round * 97), {
          // A busy machine takes seconds to start a process.
          timeout: 40_000,
          interval: 3,
        });
        await burst.kill();
        expect(burst.exitCode).toBe('SIGKILL');
        acked.push(...burst.acks());

        await fixture.reopen();
        await expectKept(fixture, acked, epoch);
      }
    }, 120_000);

    it('keeps one copy when it is killed between the commit and the ack, and answers the retry with its position', async () => {
      await using fixture = await EngineFixture.open(make);
      for (const round of upTo(3)) {
        await fixture.engine.close();
        await using dying = new EngineChild(child, { place: fixture.place, task: 'die-after-store', first: round });
        await dying.ended();
        expect(dying.exitCode).toBe('SIGKILL');
        expect(dying.acks()).toEqual([]);

        await fixture.reopen();
        const retry = await fixture.engine.broker.append(
          note(CHILD_CHANNELS[0] ?? '', round, { idempotencyKey: `v${round}` }),
        );
        expect(retry).toMatchObject({ duplicate: true, position: { offset: round } });
        expect(offsetsOf(await fixture.readAll(CHILD_CHANNELS[0] ?? ''))).toEqual(upTo(round));
      }
    }, 60_000);
  });
}

/** The oracle: no acked event lost or moved, no value twice, no hole, one epoch. Unacked but present is legal. */
async function expectKept(fixture: EngineFixture, acked: readonly ChildAck[], epoch: string): Promise<void> {
  for (const channel of CHILD_CHANNELS) {
    const kept = await fixture.readAll(channel);
    expect(offsetsOf(kept)).toEqual(upTo(kept.length));
    expect(new Set(kept.map((event) => event.epoch))).toEqual(new Set([epoch]));
    expect(new Set(kept.map((event) => event.dataJson)).size).toBe(kept.length);
    const acks = acked.filter((ack) => ack.channel === channel);
    expect(acks.length).toBeGreaterThan(0);
    const lost = acks.filter((ack) => kept[ack.offset - 1]?.dataJson !== String(ack.value) || ack.epoch !== epoch);
    expect(lost).toEqual([]);
  }
}
