import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FramedEvent } from '../../src/core/framed-event.ts';
import { mergeReplay } from '../../src/core/merge.ts';

function run(from: number, to: number): FramedEvent[] {
  const events: FramedEvent[] = [];
  for (let offset = from; offset <= to; offset += 1) {
    events.push(new FramedEvent({ channel: 'log:a', event: 'e', dataJson: '0', key: '', epoch: 'E', offset, time: 0 }));
  }
  return events;
}

const offsets = (events: readonly FramedEvent[]): number[] => events.map(({ event }) => event.offset);

describe('merging history and the live tail', () => {
  it('gives every event after the position once and in order, whatever overlaps', () => {
    const count = fc.nat(30);
    fc.assert(
      fc.property(count, count, count, count, (after, historyFrom, joint, overlap) => {
        const head = after + 30;
        const first = Math.max(1, after + 1 - historyFrom);
        const middle = Math.min(head, after + joint);
        const history = run(first, middle);
        const tail = run(Math.max(1, Math.min(middle, Math.max(after, first - 1)) + 1 - overlap), head);

        const merged = mergeReplay({ after, history, tail, contiguous: true });

        expect(merged).toMatchObject({ kind: 'events', caughtUp: true });
        if (merged.kind === 'events') expect(offsets(merged.events)).toEqual(offsets(run(after + 1, head)));
      }),
    );
  });

  it('refuses a hole between position and history, inside it, or before the tail', () => {
    const cases = [
      { history: run(7, 9), tail: [] },
      { history: [...run(6, 7), ...run(9, 9)], tail: [] },
      { history: run(6, 7), tail: run(9, 10) },
    ];
    for (const parts of cases) {
      expect(mergeReplay({ after: 5, ...parts, contiguous: true }).kind).toBe('hole');
      expect(mergeReplay({ after: 5, ...parts, contiguous: false }).kind).toBe('events');
    }
  });

  it('says when another page must be read', () => {
    expect(mergeReplay({ after: 0, history: run(1, 5), tail: undefined, contiguous: true })).toMatchObject({
      caughtUp: false,
    });
  });
});
