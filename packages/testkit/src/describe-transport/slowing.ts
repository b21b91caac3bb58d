/** A reader that stops reading hurts nobody, and loses nothing that its channel promises [PROTOCOL §7.4]. */
import { describe, expect, it, vi } from 'vitest';
import { type TransportSetup, WireFixture } from './setup.ts';
import { dataOf, framesOf, positionOf, untilFrames, WAIT } from './wire-client.ts';

const KIB_56 = 'x'.repeat(56 * 1024);

/** Publishes that arrive in turns of their own, as those of an HTTP API do, and not in one batch. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function describeSlowReaders(setup: TransportSetup): void {
  describe('a slow reader', () => {
    it('of a log is sent away, and gets everything when it comes back', { timeout: 120_000 }, async () => {
      await using wire = await WireFixture.open(setup);
      const codes: number[] = [];
      wire.live.observe((event) => event.kind === 'connection-closed' && codes.push(event.code));
      const slow = await wire.client({ channels: ['log:a'] });
      await untilFrames(slow, 'subscribed');

      slow.pause();
      const total = 500;
      for (let n = 0; n < total; n += 1) {
        await wire.publish('log:a', { n, KIB_56 });
        await nextTurn();
      }
      await vi.waitUntil(() => codes.length > 0, WAIT);
      slow.resume();
      await vi.waitUntil(() => slow.closed, WAIT);
      const back = await wire.client({ channels: [['log:a', positionOf(slow, 'log:a')]] });
      const before = numbers(dataOf(slow, 'log:a'));
      await vi.waitUntil(() => dataOf(back, 'log:a').length >= total - before.length, { ...WAIT, timeout: 60_000 });

      expect(codes).toEqual([3002]);
      expect(framesOf(back, 'subscribed')).toMatchObject([{ recovered: true }]);
      expect([...before, ...numbers(dataOf(back, 'log:a'))]).toEqual(Array.from({ length: total }, (_, n) => n));
    });

    it('of a state stays, skips values, and ends on the newest', { timeout: 120_000 }, async () => {
      await using wire = await WireFixture.open(setup);
      const slow = await wire.client({ channels: ['state:a'] });
      await untilFrames(slow, 'subscribed');

      slow.pause();
      const total = 300;
      for (let n = 0; n < total; n += 1) {
        await wire.set('state:a', { n, KIB_56 });
        await nextTurn();
      }
      const [held] = wire.live.connections();
      expect(held?.bufferedBytes).toBeLessThan(1024 * 1024 + KIB_56.length * 2);
      slow.resume();
      await vi.waitUntil(() => numbers(dataOf(slow, 'state:a')).at(-1) === total - 1, { ...WAIT, timeout: 60_000 });

      expect(dataOf(slow, 'state:a').length).toBeLessThan(total);
      expect(wire.live.stats()).toMatchObject({ slowConsumers: 0, connections: 1 });
    });
  });
}

function numbers(data: readonly unknown[]): readonly unknown[] {
  return data.map((payload) => Object(payload).n);
}
