/** Who a connection belongs to, and a token that is refreshed on it [PROTOCOL §14]. */
import { describe, expect, it } from 'vitest';
import { type TransportSetup, WireFixture } from './setup.ts';
import { dataOf, framesOf, untilFrames } from './wire-client.ts';

export function describeIdentity(setup: TransportSetup): void {
  describe('an identity', () => {
    it('decides what may be read and published', async () => {
      await using wire = await WireFixture.open(setup);
      const client = await wire.client({ channels: ['mine:user-7'], token: 'user-7' });
      await untilFrames(client, 'subscribed');

      const mine = await client.command({ type: 'publish', id: 1, channel: 'mine:user-7', event: 'x', data: 1 });
      const other = await client.command({ type: 'publish', id: 2, channel: 'mine:user-1', event: 'x', data: 1 });

      expect(mine.type).toBe('published');
      expect(other).toMatchObject({ type: 'error', code: 'FORBIDDEN' });
      await wire.listening();
      expect(wire.live.connections()).toMatchObject([{ identity: 'user-7' }]);
    });

    // A poll brings its credential with every request: there is nothing to refresh.
    it.runIf(setup.isStream)('is refreshed in-band: what it may do follows the fresh token at once', async () => {
      await using wire = await WireFixture.open(setup);
      const client = await wire.client({ channels: ['log:a'], token: 'user-7+staff' });
      await client.command({ type: 'subscribe', id: 1, channel: 'staff:a' });
      await client.command({ type: 'subscribe', id: 2, channel: 'mine:user-7' });

      const answer = await client.command({ type: 'auth', id: 3, token: 'user-7' });
      const [ended] = await untilFrames(client, 'unsubscribed');
      await wire.publish('staff:a', 'secret');
      await wire.publish('mine:user-7', 'still mine');
      await untilFrames(client, 'event');

      expect(answer).toEqual({ type: 'authenticated', id: 3, subject: 'user-7' });
      expect(ended).toEqual({
        type: 'unsubscribed',
        channel: 'staff:a',
        code: 'FORBIDDEN',
        reason: expect.any(String),
      });
      expect(dataOf(client, 'staff:a')).toEqual([]);
      expect(dataOf(client, 'mine:user-7')).toEqual(['still mine']);
    });

    it.each([
      ['SUBJECT_MISMATCH', 'user-1'],
      ['CREDENTIAL_EXPIRED', 'expired'],
      ['INTERNAL', 'fault'],
    ])('stays as it is when a token is refused with %s', async (code, token) => {
      await using wire = await WireFixture.open(setup, { onError: () => {} });
      const client = await wire.client({ channels: ['mine:user-7'], token: 'user-7' });
      await untilFrames(client, 'subscribed');

      expect(await client.command({ type: 'auth', id: 3, token })).toMatchObject({ type: 'error', id: 3, code });
      await wire.publish('mine:user-7', 1);
      await untilFrames(client, 'event');

      expect(framesOf(client, 'unsubscribed')).toEqual([]);
      await wire.listening();
      expect(wire.live.connections()).toMatchObject([{ identity: 'user-7' }]);
    });
  });
}
