/** The render throttle of pages, on a clock that stands still until it is moved. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { throttleLatest } from '../src/index.ts';
import { FakePlatform } from './fake-platform.ts';

const INTERVAL = 80;

interface Delivery {
  readonly at: number;
  readonly value: number;
}

function throttled(): {
  clock: FakePlatform;
  delivered: Delivery[];
  render: ReturnType<typeof throttleLatest<number>>;
} {
  const clock = new FakePlatform();
  const delivered: Delivery[] = [];
  const render = throttleLatest<number>(INTERVAL, (value) => delivered.push({ at: clock.now(), value }), clock);
  return { clock, delivered, render };
}

describe('throttleLatest', () => {
  it('delivers the first value at once', () => {
    const { delivered, render } = throttled();

    render(1);

    expect(delivered).toEqual([{ at: 0, value: 1 }]);
  });

  it('what all five got wrong (2): the last value of a burst is painted, and not more than one per 80 ms', () => {
    const { clock, delivered, render } = throttled();

    for (let value = 1; value <= 1000; value += 1) {
      render(value);
      clock.advance(1);
    }
    clock.advance(INTERVAL);

    expect(delivered.at(-1)?.value).toBe(1000);
    expect(delivered.length).toBeLessThanOrEqual(14);
  });

  it('delivers the last value of any burst within the interval, never two within one, never an older one later', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(200), { minLength: 1, maxLength: 100 }), (gaps) => {
        const { clock, delivered, render } = throttled();

        let lastPush = 0;
        gaps.forEach((gap, value) => {
          clock.advance(gap);
          lastPush = clock.now();
          render(value);
        });
        clock.advance(10 * INTERVAL);

        expect(delivered.at(-1)?.value).toBe(gaps.length - 1);
        expect(delivered.at(-1)?.at).toBeLessThanOrEqual(lastPush + INTERVAL);
        for (const [index, { at, value }] of delivered.entries()) {
          const before = delivered[index - 1];
          if (before === undefined) continue;
          expect(at - before.at).toBeGreaterThanOrEqual(INTERVAL);
          expect(value).toBeGreaterThan(before.value);
        }
      }),
    );
  });

  it('does not hold a due value back when timers were frozen', () => {
    const { clock, delivered, render } = throttled();
    render(1);
    render(2);

    clock.freeze(1000);
    render(3);
    clock.advance(INTERVAL);

    expect(delivered.map(({ value }) => value)).toEqual([1, 3]);
  });

  it('flushes and cancels a waiting value', () => {
    const { clock, delivered, render } = throttled();
    render(1);
    render(2);
    render.flush();
    render(3);
    render.cancel();
    clock.advance(10 * INTERVAL);

    expect(delivered.map(({ value }) => value)).toEqual([1, 2]);
  });
});
