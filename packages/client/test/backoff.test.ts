/** The waits between attempts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_BACKOFF, retryDelayMs } from '../src/backoff.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const failures = fc.integer({ min: 1, max: 10_000 });

/** Longer than any window. */
const LONG = 60_000;

describe('backoff', () => {
  it('lies between the floor of the server and the cap', () => {
    fc.assert(
      fc.property(failures, fc.nat(120_000), fc.nat(120_000), random, (count, outageMs, floorMs, chance) => {
        const delay = retryDelayMs({ failures: count, outageMs, floorMs, random: chance });

        expect(delay).toBeGreaterThanOrEqual(floorMs);
        expect(delay).toBeLessThanOrEqual(Math.max(30_000, floorMs + 1000));
      }),
    );
  });

  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [5, 16_000],
    [6, 30_000],
  ])('after %i failures spreads evenly over [0, %i)', (count, window) => {
    const at = (chance: number): number =>
      retryDelayMs({ failures: count, outageMs: LONG, floorMs: 0, random: chance });

    expect([at(0), at(0.25), at(0.5)]).toEqual([0, window / 4, window / 2]);
  });

  it.each([
    [0, 1000],
    [900, 1000],
    [5000, 5000],
    [29_999, 29_999],
  ])('in an outage of %i ms so far waits at most %i ms, however often it failed', (outageMs, most) => {
    fc.assert(
      fc.property(failures, random, (count, chance) => {
        expect(retryDelayMs({ failures: count, outageMs, floorMs: 0, random: chance })).toBeLessThanOrEqual(most);
      }),
    );
  });

  it('opens the circuit after seven failures: the upper half of the cap, for ever', () => {
    fc.assert(
      fc.property(fc.integer({ min: 7, max: 10_000 }), random, (count, chance) => {
        const delay = retryDelayMs({ failures: count, outageMs: LONG, floorMs: 0, random: chance });

        expect(delay).toBeGreaterThanOrEqual(DEFAULT_BACKOFF.capMs / 2);
        expect(delay).toBeLessThanOrEqual(DEFAULT_BACKOFF.capMs);
      }),
    );
  });

  it('what all five got wrong (6): 1000 clients dropped at once do not come back at once, and heed retry from the server', () => {
    const delays = Array.from({ length: 1000 }, (_, index) =>
      retryDelayMs({ failures: 3, outageMs: LONG, floorMs: 2000, random: (index + 0.5) / 1000 }),
    );
    const busiest = Math.max(
      ...[0, 1, 2, 3].map((slot) => delays.filter((delay) => Math.floor((delay - 2000) / 1000) === slot).length),
    );

    expect(Math.min(...delays)).toBeGreaterThanOrEqual(2000);
    expect(busiest).toBeLessThanOrEqual(250);
  });
});
