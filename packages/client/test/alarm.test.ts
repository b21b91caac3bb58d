/** One timer for a deadline that moves. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Alarm } from '../src/alarm.ts';
import { FakePlatform } from './fake-platform.ts';

function set(): { readonly alarm: Alarm; readonly platform: FakePlatform; readonly ring: () => void } {
  const platform = new FakePlatform();
  const ring = vi.fn();
  return { alarm: new Alarm(platform, ring), platform, ring };
}

describe('an alarm', () => {
  it('rings at its deadline, once', () => {
    const { alarm, platform, ring } = set();
    alarm.set(500);

    platform.advance(499);
    expect(ring).not.toHaveBeenCalled();
    platform.advance(10_000);

    expect(ring).toHaveBeenCalledTimes(1);
    expect(platform.timers).toBe(0);
  });

  it('rings for an earlier deadline that came later', () => {
    const { alarm, platform, ring } = set();
    alarm.set(5000);
    alarm.set(100);

    platform.advance(100);

    expect(ring).toHaveBeenCalledTimes(1);
    expect(platform.timers).toBe(0);
  });

  it('costs nothing for a deadline that moves on: it rings at the old one, and is asked again', () => {
    const { alarm, platform, ring } = set();
    const after = vi.spyOn(platform, 'after');
    for (let deadline = 1000; deadline < 2000; deadline += 1) alarm.set(deadline);

    platform.advance(1000);

    expect(after).toHaveBeenCalledTimes(1);
    expect(ring).toHaveBeenCalledTimes(1);
  });

  it('is silent when there is no deadline any more', () => {
    const { alarm, platform, ring } = set();
    alarm.set(500);
    alarm.set(Infinity);

    expect(platform.timers).toBe(0);
    platform.advance(10_000);
    expect(ring).not.toHaveBeenCalled();
  });

  it.each([
    [500.25, 501, 'not a fraction of a millisecond early, as timers do that round down'],
    [-10_000, 1, 'after a moment where the deadline is long over: it does not spin'],
  ])('sleeps, for a deadline in %d ms, %d ms: %s', (inMs, sleepsMs) => {
    const { alarm, platform } = set();
    platform.advance(20_000);
    const after = vi.spyOn(platform, 'after');

    alarm.set(platform.now() + inMs);

    expect(after.mock.lastCall?.[0]).toBe(sleepsMs);
  });

  it('can be set from its own ringing', () => {
    const platform = new FakePlatform();
    const rang: number[] = [];
    const alarm = new Alarm(platform, () => {
      rang.push(platform.now());
      if (rang.length < 3) alarm.set(platform.now() + 100);
    });
    alarm.set(100);

    platform.advance(1000);

    expect(rang).toEqual([100, 200, 300]);
  });

  it('asked again whenever it rings, never misses a deadline, whatever moves it; and there is never a second timer', () => {
    const step = fc.oneof(
      fc.record({ set: fc.oneof(fc.nat(5000), fc.constant(Infinity)) }),
      fc.record({ advance: fc.nat(3000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const platform = new FakePlatform();
        let deadline = Infinity;
        const alarm = new Alarm(platform, () => {
          // As the connection does: what is over is dealt with, and the next deadline is told.
          if (platform.now() >= deadline) deadline = Infinity;
          alarm.set(deadline);
        });

        for (const what of steps) {
          if ('set' in what) {
            deadline = platform.now() + what.set;
            alarm.set(deadline);
          } else platform.advance(what.advance);

          expect(platform.timers).toBe(deadline === Infinity ? 0 : 1);
          // One that is over when it is set waits for the least time that a timer can.
          expect(deadline).toBeGreaterThanOrEqual(platform.now());
        }
      }),
    );
  });
});
