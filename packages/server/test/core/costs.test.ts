/** Counts that no busy machine changes: what the hub keeps and does per connection, event and turn. */
import { describe, expect, it } from 'vitest';
import { join, makeHub, WakingClock } from './hub-fixture.ts';

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

describe('the cost of a connection', () => {
  it('is no timer: a thousand idle ones share what one has', async () => {
    const fixture = makeHub();
    await join(fixture, 'log:a');
    const before = fixture.clock.timers;

    for (let n = 1; n < 1000; n += 1) await join(fixture, n % 2 === 0 ? 'log:a' : ['log:a', 'state:b']);

    expect(fixture.hub.connectionCount).toBe(1000);
    expect(before).toBeGreaterThan(0);
    expect(fixture.clock.timers).toBe(before);
  });
});

describe('the cost of a connection at rest', () => {
  it('is a heartbeat that it shares a wake-up with: a thousand wake the server four times in their interval', async () => {
    const clock = new WakingClock();
    const fixture = makeHub({ clock, random: [0.1, 0.3, 0.5, 0.7, 0.9] });
    const transports = await Promise.all(Array.from({ length: 1000 }, () => join(fixture, 'log:a')));
    await clock.advance(60_000);
    const before = { wakes: clock.wakes, writes: sum(transports.map(({ transport }) => transport.writes)) };

    await clock.advance(60_000);

    expect(sum(transports.map(({ transport }) => transport.writes)) - before.writes).toBe(3000);
    expect(clock.wakes - before.wakes).toBeLessThanOrEqual(12);
  });
});

describe('the cost of an event', () => {
  it('is one write for each of its readers and none for anybody else, however many publish in a turn', async () => {
    const fixture = makeHub();
    const readers = await Promise.all(Array.from({ length: 50 }, () => join(fixture, 'log:a')));
    const others = await Promise.all(Array.from({ length: 50 }, () => join(fixture, 'log:b')));
    const writes = (): number[] => [...readers, ...others].map(({ transport }) => transport.writes);
    const before = writes();

    for (let n = 0; n < 16; n += 1) void fixture.hub.append({ channel: 'log:a', event: 'e', dataJson: `${n}` });
    await fixture.clock.settle();

    const grown = writes().map((count, index) => count - (before[index] ?? 0));
    expect(grown).toEqual([...Array(50).fill(1), ...Array(50).fill(0)]);
    for (const reader of readers) expect(reader.data('log:a')).toHaveLength(16);
  });
});

describe('the cost of a recovery', () => {
  it('is two writes for each of a crowd, whatever it missed: where it stands, and the same bytes for all', async () => {
    const fixture = makeHub();
    const watcher = await join(fixture, 'log:a');
    await fixture.publish('log:a', 'seen');
    await fixture.clock.settle();
    const { epoch, offset } = await fixture.broker.head('log:a');
    for (let n = 0; n < 100; n += 1) await fixture.publish('log:a', n);
    await fixture.clock.settle();

    const back = await Promise.all(
      Array.from({ length: 50 }, () => join(fixture, 'log:a', { position: { epoch, offset } })),
    );

    for (const client of back) {
      expect(client.data('log:a')).toHaveLength(100);
      expect(client.transport.writes).toBeLessThanOrEqual(2);
    }
    expect(watcher.data('log:a')).toHaveLength(101);
  });
});
