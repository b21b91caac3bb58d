import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { join, lastPosition, makeHub } from './hub-fixture.ts';

const CAP = 4000;

describe('a slow reader', () => {
  it('of a log is closed with a code that says reconnect once the byte cap is passed, and loses nothing', async () => {
    const fixture = makeHub({ limits: { maxBufferedBytes: CAP } });
    const slow = await join(fixture, 'log:a');
    const healthy = await join(fixture, 'log:a');
    slow.transport.pause();

    for (let n = 0; n < 100; n += 1) {
      await fixture.publish('log:a', n);
      await fixture.clock.settle();
      expect(slow.connection.delivery.bufferedBytes).toBeLessThanOrEqual(CAP + 200);
    }

    expect(slow.transport.closedWith).toMatchObject({ code: 3002, reconnect: true });
    expect(healthy.data('log:a')).toHaveLength(100);
    const returned = await join(fixture, 'log:a', { position: lastPosition(slow) });
    expect([...slow.data('log:a'), ...returned.data('log:a')]).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('of a log is closed when it takes nothing for the stall time', async () => {
    const fixture = makeHub({ limits: { stallMs: 5000 } });
    const slow = await join(fixture, 'log:a');
    slow.transport.pause();

    for (const n of [1, 2]) {
      await fixture.publish('log:a', n);
      await fixture.clock.settle();
    }
    await fixture.clock.advance(4000);
    expect(slow.connection.closed).toBe(false);
    await fixture.clock.advance(3000);

    expect(slow.connection.closed).toBe(true);
    expect(fixture.hub.stats().slowConsumers).toBe(1);
  });

  it('of a state waits, and ends on the newest value', async () => {
    const fixture = makeHub({ limits: { maxBufferedBytes: CAP } });
    const slow = await join(fixture, 'state:a');
    slow.transport.pause();

    for (let n = 0; n < 1000; n += 1) {
      await fixture.publish('state:a', n);
      await fixture.clock.settle();
    }
    expect(slow.connection.closed).toBe(false);
    slow.transport.resume();
    slow.connection.drained();
    await fixture.clock.settle();

    expect(slow.data('state:a').at(-1)).toBe(999);
    expect(slow.data('state:a').length).toBeLessThanOrEqual(3);
  });

  it('of signals keeps the newest few', async () => {
    const fixture = makeHub({ limits: { maxQueuedSignals: 3 } });
    const slow = await join(fixture, 'signal:a');
    slow.transport.pause();

    for (let n = 0; n < 50; n += 1) {
      fixture.hub.broadcast({ channel: 'signal:a', event: 'typing', dataJson: String(n) });
      await fixture.clock.settle();
    }
    slow.transport.resume();
    slow.connection.drained();
    await fixture.clock.settle();

    expect(slow.data('signal:a').slice(-3)).toEqual([47, 48, 49]);
    expect(fixture.hub.stats().droppedSignals).toBe(46);
  });

  it('that takes nothing at all for the dead time is closed, whatever it reads', async () => {
    const fixture = makeHub({ limits: { deadMs: 30_000 } });
    const slow = await join(fixture, 'state:a');
    slow.transport.pause();
    await fixture.publish('state:a', 1);

    await fixture.clock.advance(33_000);

    expect(slow.transport.closedWith?.reconnect).toBe(true);
  });

  it('gets its history in slices that wait for it', async () => {
    const fixture = makeHub();
    const big = 'x'.repeat(60_000);
    const first = await join(fixture, 'log:a');
    await fixture.publish('log:a', 0);
    await fixture.clock.settle();
    const position = lastPosition(first);
    for (let n = 1; n <= 40; n += 1) await fixture.publish('log:a', [n, big]);

    const transport = new MemoryTransport();
    transport.pause();
    const slow = await join(fixture, 'log:a', { position, transport });
    expect(transport.bufferedBytes).toBeLessThan(700_000);
    for (let round = 0; round < 20; round += 1) {
      transport.resume();
      transport.pause();
      slow.connection.drained();
      await fixture.clock.settle();
    }
    transport.resume();
    slow.connection.drained();
    await fixture.clock.settle();

    expect(slow.data('log:a').map((data) => (Array.isArray(data) ? data[0] : data))).toEqual(
      Array.from({ length: 40 }, (_, n) => n + 1),
    );
  });
});
