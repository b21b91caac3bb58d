/** What a subscriber gets of each kind of channel, in which order [PROTOCOL §4.1]. */
import { describe, expect, it } from 'vitest';
import { type TransportSetup, WireFixture } from './setup.ts';
import { dataOf, framesOf, untilFrames } from './wire-client.ts';

export function describeDelivery(setup: TransportSetup): void {
  describe('delivers', () => {
    deliverInOrder(setup);
    deliverByKind(setup);
    deliverToAll(setup);
  });
}

function deliverInOrder(setup: TransportSetup): void {
  it('the connection first, then the subscription, then its events in the order of their offsets', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['log:a'] });
    await untilFrames(client, 'subscribed');

    const positions = [];
    for (let n = 0; n < 60; n += 1) positions.push(await wire.publish('log:a', n));
    const events = await untilFrames(client, 'event', { count: 60 });

    expect(client.frames.slice(0, 2)).toMatchObject([
      { type: 'connected', connection: expect.stringMatching(/^[\w-]{16,}$/), heartbeatMs: expect.any(Number) },
      { type: 'subscribed', channel: 'log:a', kind: 'log', position: expect.stringMatching(/\.0$/) },
    ]);
    expect(events.map(({ position }) => position)).toEqual(positions);
    expect(dataOf(client, 'log:a')).toEqual(Array.from({ length: 60 }, (_, n) => n));
  });

  it('what is published at once as what is published one by one', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['log:a', 'log:b'] });
    await untilFrames(client, 'subscribed', { count: 2 });

    await Promise.all(
      Array.from({ length: 200 }, (_, n) => wire.publish(n % 2 === 0 ? 'log:a' : 'log:b', Math.floor(n / 2))),
    );
    await untilFrames(client, 'event', { count: 200 });

    const hundred = Array.from({ length: 100 }, (_, n) => n);
    expect(dataOf(client, 'log:a')).toEqual(hundred);
    expect(dataOf(client, 'log:b')).toEqual(hundred);
  });
}

function deliverByKind(setup: TransportSetup): void {
  it('the newest value of every key of a state at once, then each change', async () => {
    await using wire = await WireFixture.open(setup);
    await wire.set('state:a', 'old', 'x');
    await wire.set('state:a', 'new', 'x');
    await wire.set('state:a', 1, 'y');
    const client = await wire.client({ channels: ['state:a'] });
    await untilFrames(client, 'event', { count: 2 });
    await wire.set('state:a', 'newer', 'x');
    await untilFrames(client, 'event', { count: 3 });

    const events = framesOf(client, 'event').map(({ event, key, data }) => [event, key, data]);
    expect(events).toEqual([
      ['state', 'x', 'new'],
      ['state', 'y', 1],
      ['state', 'x', 'newer'],
    ]);
  });

  it('a signal to who listens now, without a position, and never again', async () => {
    await using wire = await WireFixture.open(setup);
    await wire.publish('signal:a', 'before');
    const client = await wire.client({ channels: ['signal:a', 'log:a'] });
    await untilFrames(client, 'subscribed', { count: 2 });

    await wire.listening();
    await wire.publish('signal:a', 'now');
    const [event] = await untilFrames(client, 'event');

    expect(event).toEqual({ type: 'event', channel: 'signal:a', event: 'e', data: 'now' });
    expect(framesOf(client, 'subscribed', 'signal:a')[0]).not.toHaveProperty('position');
  });
}

function deliverToAll(setup: TransportSetup): void {
  it('any payload as it was published', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['log:a'] });
    await untilFrames(client, 'subscribed');
    const payloads = [
      null,
      false,
      0,
      '',
      [],
      {},
      'xin chào 👋 \u2028\u2029\ufeff\0',
      'two\nlines\r\nand\rmore',
      { 'data: ': 'event: x\n\n', id: 'y'.repeat(5000) },
      ['é'.repeat(30_000)],
    ];

    for (const payload of payloads) await wire.publish('log:a', payload);
    await untilFrames(client, 'event', { count: payloads.length });

    expect(dataOf(client, 'log:a')).toEqual(payloads);
  });

  it('to everybody the same', async () => {
    await using wire = await WireFixture.open(setup);
    const clients = await Promise.all(
      Array.from({ length: 12 }, () => wire.client({ channels: ['log:a', 'state:a'] })),
    );
    for (const client of clients) await untilFrames(client, 'subscribed', { count: 2 });

    for (let n = 0; n < 20; n += 1) await wire.publish('log:a', n);
    for (const client of clients) await untilFrames(client, 'event', { count: 20 });

    const [first, ...others] = clients.map((client) => framesOf(client, 'event'));
    for (const other of others) expect(other).toEqual(first);
  });
}
