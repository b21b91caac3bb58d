import { fakeEntropy } from '@fanfare/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, retryDelayMs } from '../../src/core/index.ts';

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the wait before a client comes back', () => {
  it('stays between the least and the most, in whole milliseconds, for any crowd', () => {
    fc.assert(
      fc.property(chance, fc.nat(1_000_000), (drawn, crowd) => {
        const wait = retryDelayMs(DEFAULT_LIMITS, fakeEntropy([drawn]), crowd);

        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(DEFAULT_LIMITS.minRetryMs);
        expect(wait).toBeLessThanOrEqual(DEFAULT_LIMITS.maxRetryMs);
      }),
    );
  });

  it('is short for a lone client, and spread over more than 5 s where 2000 may come at once', () => {
    expect(retryDelayMs(DEFAULT_LIMITS, fakeEntropy([0.999]), 1)).toBeLessThan(1010);
    const waits = Array.from({ length: 2000 }, (_, n) => retryDelayMs(DEFAULT_LIMITS, fakeEntropy([n / 2000]), 2000));
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(5000);
  });

  it('uses the whole window where there is no room for anybody', () => {
    expect(retryDelayMs(DEFAULT_LIMITS, fakeEntropy([0.5]), Number.POSITIVE_INFINITY)).toBe(4500);
  });
});
