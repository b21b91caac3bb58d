import { FakeClock } from '@fanfare/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeartbeatWheel, type WheelEntry } from '../../src/core/heartbeat-wheel.ts';
import { WakingClock } from './hub-fixture.ts';

/** Beats at a fixed interval, a few times, and notes when. */
class Heart implements WheelEntry {
  wheelSlot = -1;
  wheelIndex = -1;
  removed = false;
  beatsAfterRemoval = 0;
  readonly beats: number[] = [];
  readonly addedAt: number;
  readonly everyMs: number;
  readonly times: number;

  constructor(addedAt: number, everyMs: number, times: number) {
    this.addedAt = addedAt;
    this.everyMs = everyMs;
    this.times = times;
  }

  due(now: number): number {
    if (this.removed) this.beatsAfterRemoval += 1;
    this.beats.push(now);
    return this.beats.length < this.times ? this.everyMs : 0;
  }
}

const step = fc.oneof(
  fc.record({
    do: fc.constant('add' as const),
    // Often the same, so that many sit in one slot.
    everyMs: fc.oneof(fc.constantFrom(3000, 20_000), fc.integer({ min: 1, max: 100_000 })),
    times: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ do: fc.constant('remove' as const), which: fc.nat(12) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.nat(20_000) }),
);

describe('the wheel of heartbeats', () => {
  it('finds an entry that took the place of a removed one', async () => {
    const clock = new FakeClock();
    const wheel = new HeartbeatWheel(clock);
    const hearts = [1, 2, 3].map(() => new Heart(0, 3000, 1));
    for (const heart of hearts) wheel.add(heart, heart.everyMs);

    const [first, second, third] = hearts;
    for (const heart of [first, third]) if (heart !== undefined) wheel.remove(heart);
    await clock.advance(5000);

    expect([first, second, third].map((heart) => heart?.beats.length)).toEqual([0, 1, 0]);
  });

  it('sleeps while nobody is due, and is in time for who comes meanwhile', async () => {
    const clock = new WakingClock();
    const wheel = new HeartbeatWheel(clock);
    const far = new Heart(0, 60_000, 1);
    wheel.add(far, far.everyMs);

    await clock.advance(30_000);
    const near = new Heart(clock.now(), 5000, 1);
    wheel.add(near, near.everyMs);
    await clock.advance(31_000);

    expect([near.beats, far.beats].map(([beat = 0]) => Math.round(beat / 1000))).toEqual([35, 60]);
    expect(clock.wakes).toBe(2);
  });

  it('calls every entry when it is due, to a second, none after its removal, and stops when it is empty', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const clock = new FakeClock();
        const wheel = new HeartbeatWheel(clock);
        const hearts: Heart[] = [];
        for (const move of steps) {
          if (move.do === 'wait') await clock.advance(move.ms);
          if (move.do === 'add') {
            const heart = new Heart(clock.now(), move.everyMs, move.times);
            hearts.push(heart);
            wheel.add(heart, heart.everyMs);
          }
          const heart = move.do === 'remove' ? hearts[move.which % Math.max(1, hearts.length)] : undefined;
          if (heart === undefined) continue;
          wheel.remove(heart);
          heart.removed = true;
        }
        await clock.advance(320_000);

        for (const heart of hearts) {
          expect(heart.beatsAfterRemoval).toBe(0);
          if (!heart.removed) expect(heart.beats).toHaveLength(heart.times);
          let due = heart.addedAt + heart.everyMs;
          for (const beat of heart.beats) {
            expect(beat).toBeGreaterThan(due - 1000);
            expect(beat).toBeLessThanOrEqual(due + 1000);
            due = beat + heart.everyMs;
          }
        }
        expect(clock.timers).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
