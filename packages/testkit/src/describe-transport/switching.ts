/** An operator forbids this wire while clients are on it [PROTOCOL §16]. */
import { TRANSPORTS } from '@fanfare/protocol';
import { describe, expect, it } from 'vitest';
import { type TransportSetup, WireFixture } from './setup.ts';
import { framesOf, untilClosed, untilFrames, type WireClient } from './wire-client.ts';

export function describeSwitch(setup: TransportSetup): void {
  describe('a wire that is switched off', () => {
    it('tells its clients which are left, and ends theirs within two seconds', async () => {
      await using wire = await WireFixture.open(setup);
      const clients = await Promise.all(Array.from({ length: 5 }, () => wire.client({ channels: ['log:a'] })));
      for (const client of clients) await untilFrames(client, 'subscribed');
      const left = othersThan(clients[0]);

      wire.live.setTransports(left);
      const codes = await Promise.all(clients.map(untilClosed));

      const names = left.map((name) => `"${name}"`).join(',');
      for (const client of clients) expect(JSON.stringify(client.frames)).toContain(`"transports":[${names}]`);
      if (!setup.isStream) return;
      for (const client of clients)
        expect(framesOf(client, 'transports')).toEqual([{ type: 'transports', transports: left }]);
      expect(codes).toEqual(clients.map(() => 3009));
      expect(framesOf(clients[0] ?? { frames: [] }, 'close')).toMatchObject([{ reconnect: true }]);
    });

    it('refuses new ones for now, and says which are left', async () => {
      await using wire = await WireFixture.open(setup);
      const probe = await wire.client({ channels: ['log:a'] });
      const left = othersThan(probe);
      wire.live.setTransports(left);

      const client = await wire.client({ channels: ['log:a'] });
      const code = await untilClosed(client);

      expect(client.frames[0]).toMatchObject({ type: 'error', code: 'TRANSPORT_DISABLED' });
      if (!setup.isStream) return;
      expect(code).toBe(3009);
      expect(framesOf(client, 'transports')).toEqual([{ type: 'transports', transports: left }]);
    });

    it('takes clients again when it is back, and says what is allowed while anything is not', async () => {
      await using wire = await WireFixture.open(setup);
      const probe = await wire.client({ channels: ['log:a'] });
      const { transport } = probe;
      wire.live.setTransports(othersThan(probe));

      wire.live.setTransports([transport]);
      const restricted = await wire.client({ channels: ['log:a'] });
      await untilFrames(restricted, 'subscribed');
      wire.live.setTransports(TRANSPORTS);
      const free = await wire.client({ channels: ['log:a'] });
      await untilFrames(free, 'subscribed');

      const told = JSON.stringify(restricted.frames);
      expect(told).toContain(`"transports":["${transport}"]`);
      expect(JSON.stringify(free.frames)).not.toContain('transports');
    });
  });
}

function othersThan(client: WireClient | undefined) {
  return TRANSPORTS.filter((name) => name !== client?.transport);
}
