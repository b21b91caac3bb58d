/** Time as the client measures it, on machines that sleep and whose clocks are set. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sleeplessClock } from '../src/sleepless-clock.ts';

const HOUR = 3_600_000;

interface Machine {
  mono: number;
  wall: number;
}

function machine(): { readonly clocks: Machine; readonly now: () => number } {
  const clocks = { mono: 5000, wall: 1_700_000_000_000 };
  const now = sleeplessClock(
    () => clocks.mono,
    () => clocks.wall,
  );
  return { clocks, now };
}

function run(clocks: Machine, ms: number): void {
  clocks.mono += ms;
  clocks.wall += ms;
}

describe('a clock that does not sleep', () => {
  it('is monotonic time on a machine that is awake', () => {
    const { clocks, now } = machine();
    run(clocks, 1234.5);

    expect(now()).toBe(1234.5);
  });

  it('counts a night in which monotonic time stood still', () => {
    const { clocks, now } = machine();
    run(clocks, 100);
    clocks.wall += 8 * HOUR;
    run(clocks, 100);

    expect(now()).toBe(8 * HOUR + 200);
  });

  it('counts a night once where monotonic time went on', () => {
    const { clocks, now } = machine();
    run(clocks, 8 * HOUR);

    expect(now()).toBe(8 * HOUR);
  });

  it('takes no notice of a wall clock that is set back', () => {
    const { clocks, now } = machine();
    clocks.wall -= HOUR;
    run(clocks, 100);

    expect(now()).toBe(100);
  });

  it('takes no notice of a wall clock that is corrected by less than a second', () => {
    const { clocks, now } = machine();
    clocks.wall += 999;
    run(clocks, 100);

    expect(now()).toBe(100);
  });

  it('never goes back, never runs slower than monotonic time, and differs from it by the sleep alone', () => {
    const step = fc.record({
      awakeMs: fc.integer({ min: 0, max: 100_000 }),
      asleepMs: fc.oneof(fc.constant(0), fc.integer({ min: 1001, max: 10 * HOUR })),
      setByMs: fc.oneof(fc.constant(0), fc.integer({ min: -10 * HOUR, max: 0 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { clocks, now } = machine();
        let expected = 0;
        for (const { awakeMs, asleepMs, setByMs } of steps) {
          // Who looks between a sleep and a change of the clock sees both.
          run(clocks, awakeMs);
          clocks.wall += asleepMs;
          expected += awakeMs + asleepMs;
          expect(now()).toBe(expected);

          clocks.wall += setByMs;
          expect(now()).toBe(expected);
        }
      }),
    );
  });
});
