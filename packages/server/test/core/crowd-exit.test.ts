import { FakeClock } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { CrowdExit } from '../../src/core/crowd-exit.ts';

function leaving(): { readonly left: number[]; readonly clock: FakeClock; leave(count: number): void } {
  const clock = new FakeClock();
  const crowdExit = new CrowdExit(clock);
  const left: number[] = [];
  let next = 0;
  const leave = (count: number): void => {
    for (let n = 0; n < count; n += 1) {
      const number = next;
      next += 1;
      crowdExit.end({ destroy: () => void left.push(number) });
    }
  };
  return { left, clock, leave };
}

describe('peers that leave', () => {
  it('are ended at once where they are few', () => {
    const { left, leave } = leaving();

    leave(200);

    expect(left).toHaveLength(200);
  });

  it('ten thousand at once, are ended 200 a turn and in their order', () => {
    const { left, clock, leave } = leaving();

    leave(10_000);
    const sizes = [left.length];
    for (let turns = 0; turns < 60; turns += 1) {
      const before = left.length;
      clock.turn();
      sizes.push(left.length - before);
    }

    expect(Math.max(...sizes)).toBe(200);
    expect(left).toEqual(Array.from({ length: 10_000 }, (_, number) => number));
  });

  it('wait behind those that wait already, and are few again once these are gone', () => {
    const { left, clock, leave } = leaving();
    leave(500);

    clock.turn();
    leave(1);
    const early = left.includes(500);
    clock.turn();
    clock.turn();
    clock.turn();
    leave(1);

    expect(early).toBe(false);
    expect(left.at(-1)).toBe(501);
  });
});
