import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../src/http/index.ts';

describe('RateLimiter', () => {
  it('never allows more than the burst plus what was regained, and everything within it', () => {
    const options = fc.record({ burst: fc.integer({ min: 1, max: 10 }), perSecond: fc.integer({ min: 1, max: 50 }) });
    const waits = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(options, waits, ({ burst, perSecond }, gaps) => {
        let now = 0;
        let model = burst;
        const limiter = new RateLimiter({ burst, perSecond, now: () => now });
        for (const gap of gaps) {
          now += gap;
          model = Math.min(burst, model + (gap * perSecond) / 1000);
          const peeked = limiter.peek('a').allowed;
          const { allowed } = limiter.take('a');
          expect(peeked).toBe(allowed);
          // At the edge of a whole token the two sums may differ by a rounding error.
          if (Math.abs(model - 1) > 1e-6) expect(allowed).toBe(model > 1);
          if (allowed) model -= 1;
        }
      }),
    );
  });

  it('says how long to wait, and means it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 1000 }), (burst, perSecond) => {
        let now = 0;
        const limiter = new RateLimiter({ burst, perSecond, now: () => now });
        for (let i = 0; i < burst; i += 1) limiter.take('a');
        const verdict = limiter.take('a');

        expect(verdict.allowed).toBe(false);
        now += verdict.allowed ? 0 : verdict.retryAfterMs;
        expect(limiter.take('a').allowed).toBe(true);
      }),
    );
  });

  it('counts each key apart, and does not run backwards with a clock that does', () => {
    let now = 1000;
    const limiter = new RateLimiter({ burst: 1, perSecond: 1, now: () => now });

    expect([limiter.take('a').allowed, limiter.take('b').allowed, limiter.take('a').allowed]).toEqual([
      true,
      true,
      false,
    ]);
    now = 0;
    expect(limiter.take('a')).toEqual({ allowed: false, retryAfterMs: 1000 });
  });

  it('remembers at most maxKeys keys, the used ones longest', () => {
    const limiter = new RateLimiter({ burst: 1, perSecond: 0.001, maxKeys: 100, now: () => 0 });
    limiter.take('guesser');
    for (let i = 0; i < 10_000; i += 1) {
      limiter.take(`key-${i}`);
      expect(limiter.take('guesser').allowed).toBe(false);
      expect(limiter.size).toBeLessThanOrEqual(100);
    }
  });

  it.each([
    { burst: 0, perSecond: 1 },
    { burst: 1, perSecond: 0 },
    { burst: Number.NaN, perSecond: 1 },
    { burst: 1, perSecond: 1, maxKeys: 1 },
  ])('refuses to be made of %j', (options) => {
    expect(() => new RateLimiter({ ...options, now: () => 0 })).toThrow(TypeError);
  });
});
