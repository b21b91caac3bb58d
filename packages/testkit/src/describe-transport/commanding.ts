/** Subscribe, unsubscribe and ping on an open connection, and what is no command at all [PROTOCOL §14]. */
import type { ServerFrame } from '@fanfare/protocol';
import { describe, expect, it } from 'vitest';
import { type TransportSetup, WireFixture } from './setup.ts';
import { dataOf, framesOf, untilClosed, untilFrames, type WireClient } from './wire-client.ts';

export function describeCommands(setup: TransportSetup): void {
  describeSubscribing(setup);
  describeRefusals(setup);
  describe('a command', () => {
    it('ping is answered with a heartbeat', async () => {
      await using wire = await WireFixture.open(setup);
      const client = await wire.client({ channels: ['log:a'] });

      expect(await client.command({ type: 'ping' })).toEqual({ type: 'heartbeat', time: expect.any(Number) });
    });

    it.each([
      [{ type: 'dance' }, 'type'],
      [{ type: 'subscribe', channel: 'a b' }, 'channel'],
      [{ type: 'publish', id: 4, channel: 'open:a', event: 'said' }, 'data'],
      [{ type: 'publish', id: 4, channel: 'open:a', event: 'lost', data: 1 }, 'event'],
      [{ type: 'auth' }, 'token'],
    ])('that is none is answered in its place, with its id, and the connection stays: %j', async (frame, field) => {
      await using wire = await WireFixture.open(setup);
      const client = await wire.client({ channels: ['log:a'] });

      const answer = await client.command(frame);
      expect(answer).toMatchObject({ type: 'error', code: 'FRAME_INVALID', details: { field } });
      expect(Object(answer).id).toBe(Object(frame).id);
      await stays(wire, client);
    });

    it('over the rate is refused for now, and who keeps it up is sent away', { timeout: 60_000 }, async () => {
      await using wire = await WireFixture.open(setup);
      const client = await wire.client({ channels: ['log:a'] });
      await untilFrames(client, 'subscribed');
      const batch = Array.from({ length: 64 }, (_, id) => ({ type: 'unsubscribe', id, channel: 'log:z' }) as const);
      const answers: ServerFrame[] = [];

      // A burst of 300 is allowed, and as many refusals are borne; then the connection ends.
      while (answers.length < 4000 && !client.closed) {
        answers.push(...(await client.commands(batch).catch(() => [])));
      }

      expect(answers.slice(0, 256).every(({ type }) => type === 'unsubscribed')).toBe(true);
      const refused = framesOf({ frames: answers }, 'error').filter(({ code }) => code !== 'CLOSED');
      expect(refused.length).toBeGreaterThan(64);
      expect(refused[0]).toMatchObject({ code: 'RATE_LIMITED', retry: true, id: expect.any(Number) });
      expect(answers.length).toBeLessThan(4000);
      if (setup.isStream) expect(await untilClosed(client)).toBe(3007);
    });
  });
}

function describeSubscribing(setup: TransportSetup): void {
  describe('a subscription on an open connection', () => {
    subscribeLater(setup);
    endSubscriptions(setup);
  });
}

function subscribeLater(setup: TransportSetup): void {
  it('stands from its answer on, beside the others', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['log:a'] });
    await untilFrames(client, 'subscribed');

    const answer = await client.command({ type: 'subscribe', id: 7, channel: 'log:b' });
    await wire.publish('log:b', 1);
    await wire.publish('log:a', 2);
    await untilFrames(client, 'event', { count: 2 });

    expect(answer).toMatchObject({ type: 'subscribed', id: 7, channel: 'log:b', kind: 'log' });
    expect(framesOf(client, 'subscribed', 'log:b')).toContainEqual(answer);
    expect([dataOf(client, 'log:a'), dataOf(client, 'log:b')]).toEqual([[2], [1]]);
  });

  it('recovers, brings values, or says what is lost', async () => {
    await using wire = await WireFixture.open(setup);
    const position = await wire.publish('log:b', 0);
    await wire.publish('log:b', 1);
    await wire.set('state:c', 5);
    const client = await wire.client({ channels: ['log:a'] });

    const recovered = await client.command({ type: 'subscribe', id: 1, channel: 'log:b', position });
    await untilFrames(client, 'event', { channel: 'log:b' });
    const fresh = await client.command({ type: 'subscribe', id: 2, channel: 'state:c' });
    await untilFrames(client, 'event', { channel: 'state:c' });
    const lost = await client.command({ type: 'subscribe', id: 3, channel: 'log:d', position: 'zzz.1' });

    expect(recovered).toMatchObject({ recovered: true, position });
    expect(fresh).not.toHaveProperty('recovered');
    expect(lost).toMatchObject({ recovered: false, cause: 'epoch' });
    expect([dataOf(client, 'log:b'), dataOf(client, 'state:c')]).toEqual([[1], [5]]);
  });

  it('that stands already is refused and goes on', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['log:a'] });
    await untilFrames(client, 'subscribed');

    expect(await client.command({ type: 'subscribe', id: 1, channel: 'log:a' })).toMatchObject({
      type: 'error',
      code: 'ALREADY_SUBSCRIBED',
      id: 1,
      channel: 'log:a',
    });
    await wire.publish('log:a', 1);
    await untilFrames(client, 'event');
    expect(dataOf(client, 'log:a')).toEqual([1]);
  });
}

function endSubscriptions(setup: TransportSetup): void {
  it('ends where it is asked to, however often, and may begin anew', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['log:a', 'log:b'] });
    await untilFrames(client, 'subscribed', { count: 2 });

    expect(await client.command({ type: 'unsubscribe', id: 1, channel: 'log:b' })).toEqual({
      type: 'unsubscribed',
      id: 1,
      channel: 'log:b',
    });
    await wire.publish('log:b', 'unheard');
    await client.command({ type: 'unsubscribe', id: 2, channel: 'log:b' });
    await client.command({ type: 'subscribe', id: 3, channel: 'log:b' });
    await wire.publish('log:b', 'heard');
    await untilFrames(client, 'event');

    expect(dataOf(client, 'log:b')).toEqual(['heard']);
  });

  it('of many channels stands on one connection', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['log:0'] });
    for (let n = 1; n < 30; n += 1) await client.command({ type: 'subscribe', id: n, channel: `log:${n}` });

    for (let n = 0; n < 30; n += 1) await wire.publish(`log:${n}`, n);
    await untilFrames(client, 'event', { count: 30 });

    expect(
      framesOf(client, 'event')
        .map(({ data }) => data)
        .toSorted((a, b) => Number(a) - Number(b)),
    ).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });
}

function describeRefusals(setup: TransportSetup): void {
  describe('a subscription that is refused', () => {
    it.each([
      ['CHANNEL_UNKNOWN', 'nothing:a', undefined],
      ['UNAUTHENTICATED', 'mine:user-7', undefined],
      ['FORBIDDEN', 'mine:user-7', 'user-1'],
      ['RATE_LIMITED', 'crowded:a', undefined],
      ['INTERNAL', 'broken:a', undefined],
      ['TOO_MANY_CONNECTIONS', 'small:a', undefined],
      ['TOO_MANY_CHANNELS', 'log:b', undefined],
    ])('with %s leaves the connection and its channels as they were', async (code, channel, token) => {
      const faults: unknown[] = [];
      const few = code === 'TOO_MANY_CHANNELS' ? { limits: { maxChannelsPerConnection: 1 } } : {};
      await using wire = await WireFixture.open(setup, { onError: (fault) => faults.push(fault), ...few });
      const other = await wire.client({ channels: ['small:a'] });
      await untilFrames(other, 'subscribed');
      const client = await wire.client({ channels: ['log:a'], ...(token === undefined ? {} : { token }) });

      const answer = await client.command({ type: 'subscribe', id: 9, channel });

      const passes = ['RATE_LIMITED', 'INTERNAL', 'TOO_MANY_CONNECTIONS'].includes(code);
      expect(answer).toMatchObject({ type: 'error', code, id: 9, channel, ...(passes ? { retry: true } : {}) });
      if (!passes) expect(answer).not.toHaveProperty('retry');
      expect(faults).toHaveLength(code === 'INTERNAL' ? 1 : 0);
      await stays(wire, client);
    });
  });
}

/** The connection goes on: its first channel delivers. */
async function stays(wire: WireFixture, client: WireClient): Promise<void> {
  await wire.publish('log:a', 'still here');
  await untilFrames(client, 'event', { channel: 'log:a' });
  expect(client.closed).toBe(false);
}
