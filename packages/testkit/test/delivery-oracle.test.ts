import { describe, expect, it } from 'vitest';
import { CLEAN, type Handed, judgeDelivery, type Published } from '../src/delivery-oracle.ts';

const acked = (payload: string, position: string): Published => ({ payload, outcome: 'acked', position });
const event = (payload: string, position: string): Handed => ({ kind: 'event', payload, position });
const LOST: Handed = { kind: 'lost', cause: 'trimmed' };

const FOUR = [acked('p1-1', 'a.1'), acked('p1-2', 'a.2'), acked('p1-3', 'a.3'), acked('p1-4', 'a.4')];
const ALL = [event('p1-1', 'a.1'), event('p1-2', 'a.2'), event('p1-3', 'a.3'), event('p1-4', 'a.4')];

describe('the delivery oracle', () => {
  it('finds nothing in a complete run, whatever became of what was not acked', () => {
    const published: Published[] = [
      ...FOUR,
      { payload: 'p1-5', outcome: 'unknown' },
      { payload: 'p2-1', outcome: 'failed' },
    ];

    expect(judgeDelivery(published, ALL)).toEqual(CLEAN);
    expect(judgeDelivery(published, [...ALL, event('p1-5', 'a.5')])).toEqual(CLEAN);
  });

  it.each<[keyof typeof CLEAN, readonly Handed[]]>([
    ['lost', ALL.slice(0, 3)],
    ['lost', ALL.slice(1)],
    ['dup', [...ALL, event('p1-4', 'a.4')]],
    ['dup', [...ALL, event('p1-4', 'a.5')]],
    ['gap', [...ALL.slice(0, 1), ...ALL.slice(2)]],
    ['gap', [...ALL, event('p1-5', 'b.1')]],
    ['reorder', [event('p1-1', 'a.1'), event('p1-3', 'a.3'), event('p1-2', 'a.2'), event('p1-4', 'a.4')]],
    ['phantom', [...ALL, event('p9-1', 'a.5')]],
    ['phantom', [...ALL.slice(0, 3), event('p1-4', 'a.5')]],
  ])('finds what is %s', (what, handed) => {
    const published: Published[] = [...FOUR, { payload: 'p1-5', outcome: 'unknown' }];

    expect(judgeDelivery(published, handed)[what]).not.toEqual([]);
  });

  it('excuses exactly what a notice of loss covers', () => {
    const [first, second, , fourth] = ALL.filter((entry) => entry.kind === 'event');
    if (first === undefined || second === undefined || fourth === undefined) throw new Error('no events');

    expect(judgeDelivery(FOUR, [first, LOST, fourth])).toEqual(CLEAN);
    expect(judgeDelivery(FOUR, [LOST, fourth])).toEqual(CLEAN);
    expect(judgeDelivery(FOUR, [first, LOST])).toEqual(CLEAN);
    expect(judgeDelivery(FOUR, [first, LOST, second, fourth])).toMatchObject({ lost: ['p1-3 at a.3'] });
    expect(judgeDelivery(FOUR, [second, LOST, fourth])).toMatchObject({ lost: ['p1-1 at a.1'] });
  });

  it('lets a publish that nobody answered be stored after the next of its publisher, but not one that was acked', () => {
    const late = [event('p1-2', 'a.1'), event('p1-1', 'a.2')];

    expect(judgeDelivery([{ payload: 'p1-1', outcome: 'unknown' }, acked('p1-2', 'a.1')], late)).toEqual(CLEAN);
    expect(judgeDelivery([acked('p1-1', 'a.2'), acked('p1-2', 'a.1')], late).reorder).toEqual(['p1-1 at a.2']);
  });

  it('lets a new epoch begin after a notice only', () => {
    const published = [...FOUR, acked('p1-5', 'b.1'), acked('p1-6', 'b.2')];

    expect(judgeDelivery(published, [...ALL, LOST, event('p1-5', 'b.1'), event('p1-6', 'b.2')])).toEqual(CLEAN);
    expect(judgeDelivery(published, [...ALL, event('p1-5', 'b.1'), event('p1-6', 'b.2')]).gap).not.toEqual([]);
    expect(judgeDelivery(published, [...ALL, LOST, event('p1-6', 'b.2')])).toEqual(CLEAN);
  });
});
