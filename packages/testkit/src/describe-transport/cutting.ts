/** D8: the wire cut after every single byte. No half frame reaches anybody, and the next connection brings each rest once. */
import { describe, expect, it } from 'vitest';
import { startFaultProxy } from '../fault-proxy.ts';
import { type TransportSetup, WireFixture } from './setup.ts';
import { dataOf, framesOf, positionOf, untilClosed, untilFrames } from './wire-client.ts';

const EVENTS = 3;
const LANES = 6;
/** More than any wire takes for its greeting and three small events. */
const MAX_BYTES = 1600;

export function describeCuts(setup: TransportSetup): void {
  describe('a wire cut after byte k, for every k', () => {
    it('delivers everything once and in order', { timeout: 240_000 }, async () => {
      await using wire = await WireFixture.open(setup);
      const start = await wire.publish('log:a', 'begin');
      for (let n = 0; n < EVENTS; n += 1) await wire.publish('log:a', n);
      let reached = 0;

      const tryCut = async (port: number, bytes: number): Promise<boolean> => {
        using client = await wire.client({ channels: [['log:a', start]], port });
        const isWhole = await Promise.race([
          untilClosed(client).then(() => false),
          untilFrames(client, 'event', { count: EVENTS }).then(
            () => true,
            () => false,
          ),
        ]);
        const seen = dataOf(client, 'log:a');
        const position = positionOf(client, 'log:a') || start;
        if (isWhole) return true;
        using back = await wire.client({ channels: [['log:a', position]] });
        await untilFrames(back, 'subscribed');
        await untilFrames(back, 'event', { count: EVENTS - seen.length });
        expect([...seen, ...dataOf(back, 'log:a')], `cut after ${bytes}`).toEqual([0, 1, 2]);
        expect(framesOf(back, 'subscribed')[0], `cut after ${bytes}`).toMatchObject({ recovered: true });
        reached = Math.max(reached, bytes);
        return false;
      };
      // Several proxies at once: each cuts in a place of its own.
      const lane = async (first: number): Promise<void> => {
        await using proxy = await startFaultProxy({ targetPort: wire.port });
        for (let bytes = first; bytes < MAX_BYTES; bytes += LANES) {
          proxy.cutAfter(bytes);
          if (await tryCut(proxy.port, bytes)) return;
        }
        throw new Error('every answer was cut');
      };
      await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)));

      expect(reached).toBeGreaterThan(300);
    });
  });
}
