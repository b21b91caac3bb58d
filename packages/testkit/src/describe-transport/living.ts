/** The life of a stream: heartbeats, age, room, a server that leaves, and its end [PROTOCOL §6.6, §7.5, §8]. */
import { describe, expect, it, vi } from 'vitest';
import { type TransportSetup, WireFixture } from './setup.ts';
import { framesOf, untilClosed, untilFrames, WAIT } from './wire-client.ts';

export function describeLife(setup: TransportSetup): void {
  describe('a stream', () => {
    it('has a heartbeat that a page can see, as often as it said', { timeout: 60_000 }, async () => {
      await using wire = await WireFixture.open(setup, { heartbeatMs: 1000 });
      const client = await wire.client({ channels: ['log:a'] });

      const beats = await untilFrames(client, 'heartbeat', { count: 3 });

      expect(framesOf(client, 'connected')).toMatchObject([{ heartbeatMs: 1000 }]);
      const times = beats.map(({ time }) => time);
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
      expect(Math.abs((times[0] ?? 0) - Date.now())).toBeLessThan(60_000);
    });

    it('ends at its age, with a code that says come back', { timeout: 60_000 }, async () => {
      await using wire = await WireFixture.open(setup, { limits: { minAgeMs: 1, maxAgeMs: 2 } });
      const client = await wire.client({ channels: ['log:a'] });

      expect(await untilClosed(client)).toBe(3001);
      expect(framesOf(client, 'close')).toMatchObject([{ code: 3001, reconnect: true, retryMs: expect.any(Number) }]);
    });

    it('is told when the server leaves, and a new one is refused until it is back', async () => {
      await using wire = await WireFixture.open(setup);
      const clients = await Promise.all(Array.from({ length: 6 }, () => wire.client({ channels: ['log:a'] })));

      const drained = wire.live.drain({ overMs: 1000 });
      const late = await wire.client({ channels: ['log:a'] });
      const codes = await Promise.all(clients.map(untilClosed));
      await drained;

      expect(codes).toEqual(clients.map(() => 3000));
      const closes = clients.flatMap((client) => framesOf(client, 'close'));
      expect(closes.every(({ reconnect, retryMs = 0 }) => reconnect && retryMs >= 1000)).toBe(true);
      expect(await untilClosed(late)).toBe(3000);
      expect(framesOf(late, 'error')).toMatchObject([{ code: 'DRAINING', retry: true }]);
    });

    it('is refused for now where there is no room', async () => {
      await using wire = await WireFixture.open(setup, { limits: { maxConnections: 1 } });
      await wire.client({ channels: ['log:a'] });

      const second = await wire.client({ channels: ['log:a'] });

      expect(await untilClosed(second)).toBe(3003);
      expect(framesOf(second, 'error')).toMatchObject([{ code: 'TOO_MANY_CONNECTIONS', retry: true }]);
    });

    it('ends for good when an operator says so', async () => {
      await using wire = await WireFixture.open(setup);
      const client = await wire.client({ channels: ['log:a'] });

      expect(wire.live.disconnect(() => true)).toBe(1);

      expect(await untilClosed(client)).toBe(3507);
      expect(framesOf(client, 'close')).toMatchObject([{ code: 3507, reconnect: false }]);
    });

    it('leaves nothing behind, however it ends', async () => {
      await using wire = await WireFixture.open(setup);
      const clients = await Promise.all(
        Array.from({ length: 20 }, (_, n) => wire.client({ channels: ['log:a', `state:${n}`] })),
      );

      for (const [n, client] of clients.entries()) {
        if (n % 2 === 0) client.cut();
        else client[Symbol.dispose]();
      }

      await vi.waitUntil(() => wire.live.stats().connections === 0, WAIT);
      expect(wire.live.stats()).toMatchObject({ subscriptions: 0, channels: 0 });
    });
  });
}
