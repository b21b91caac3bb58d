import { encodePosition } from '@fanfare/protocol';
import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { encoding, join, lastPosition, makeHub, trailing } from './hub-fixture.ts';

describe('subscribing', () => {
  it('greets, says where the channel stands, then delivers what is published from then on', async () => {
    const fixture = makeHub();
    await fixture.publish('log:a', 'before');

    const client = await join(fixture, 'log:a');
    await fixture.publish('log:a', 'after');
    await fixture.clock.settle();

    expect(client.transport.types).toEqual(['connected', 'subscribed', 'event']);
    expect(client.data('log:a')).toEqual(['after']);
  });

  it('replays events after the given position, then goes live', async () => {
    const fixture = makeHub();
    const first = await join(fixture, 'log:a');
    await fixture.publish('log:a', 1);
    await fixture.clock.settle();
    const position = lastPosition(first);
    first.connection.ended();
    for (const n of [2, 3]) await fixture.publish('log:a', n);

    const second = await join(fixture, 'log:a', { position });
    await fixture.publish('log:a', 4);
    await fixture.clock.settle();

    expect(second.data('log:a')).toEqual([2, 3, 4]);
    expect(second.transport.received[1]?.frame).toMatchObject({ type: 'subscribed', recovered: true });
  });

  it('reports where a client stood that recovers, and no position of one that begins or has lost', async () => {
    const fixture = makeHub();
    const first = await join(fixture, 'log:a');
    await fixture.publish('log:a', 1);
    await fixture.clock.settle();
    const position = lastPosition(first);
    await fixture.publish('log:a', 2);

    await join(fixture, 'log:a', { position });
    await join(fixture, 'log:a', { position: 'invalid' });

    const about = { kind: 'subscribed', connection: expect.any(String), channel: 'log:a' };
    expect(fixture.events.filter(({ kind }) => kind === 'subscribed')).toStrictEqual([
      about,
      { ...about, recovered: true, position: encodePosition(position) },
      { ...about, recovered: false },
    ]);
  });

  it('replays from the broker what memory no longer holds, without a hole or a duplicate', async () => {
    const fixture = makeHub({ limits: { recentEvents: 4 } });
    const first = await join(fixture, 'log:a');
    await fixture.publish('log:a', 0);
    await fixture.clock.settle();
    const position = lastPosition(first);
    for (let n = 1; n <= 700; n += 1) await fixture.publish('log:a', n);

    const second = await join(fixture, 'log:a', { position });

    expect(second.data('log:a')).toEqual(Array.from({ length: 700 }, (_, index) => index + 1));
  });

  it('never lets the recovered frame run ahead of the events that follow it', async () => {
    const fixture = makeHub();
    const first = await join(fixture, 'log:a');
    await fixture.publish('log:a', 1);
    await fixture.clock.settle();
    const position = lastPosition(first);
    await fixture.publish('log:a', 2);

    const second = await join(fixture, 'log:a', { position });

    const [connected, recovered, event] = second.transport.received;
    expect(connected?.cursor).toBe(recovered?.cursor);
    expect(event?.cursor).not.toBe(recovered?.cursor);
  });

  it.each([
    ['trimmed', { offset: 1 }],
    ['ahead', { offset: 99 }],
    ['epoch', { offset: 1, epoch: 'other' }],
    ['invalid', 'invalid'],
  ] as const)('tells lost and nothing else for a position that is %s', async (cause, wanted) => {
    const fixture = makeHub({ limits: { lingerMs: 0 } });
    for (let n = 1; n <= 9; n += 1) await fixture.publish('short:a', n);
    const { epoch } = await fixture.broker.head('short:a');

    const position = wanted === 'invalid' ? wanted : { epoch, ...wanted };
    const client = await join(fixture, 'short:a', { position });

    expect(client.data('short:a')).toEqual([]);
    expect(client.transport.received[1]?.frame).toMatchObject({ type: 'subscribed', recovered: false, cause });
    await fixture.publish('short:a', 10);
    await fixture.clock.settle();
    expect(client.data('short:a')).toEqual([10]);
  });

  it('hands over the newest value of a state at once, one per key', async () => {
    const fixture = makeHub();
    await fixture.publish('state:a', 'old', 'x');
    await fixture.publish('state:a', 'y1', 'y');
    await fixture.publish('state:a', 'new', 'x');

    const client = await join(fixture, 'state:a');

    expect(client.data('state:a')).toEqual(['y1', 'new']);
  });

  it('does not repeat a state value that the client already has, and brings only the newer keys', async () => {
    const fixture = makeHub();
    await fixture.publish('state:a', 'x1', 'x');
    const first = await join(fixture, 'state:a');
    const position = lastPosition(first);
    await fixture.publish('state:a', 'y1', 'y');

    const second = await join(fixture, 'state:a', { position });

    expect(second.data('state:a')).toEqual(['y1']);
  });

  it.each([
    ['state:a', ['x']],
    ['log:a', []],
  ])('hands a value that the client has over again where it asks for it always: %s', async (channel, expected) => {
    const fixture = makeHub();
    const first = await join(fixture, channel);
    await fixture.publish(channel, 'x');
    await fixture.clock.settle();
    const transport = new MemoryTransport();
    const connection = fixture.hub.open(transport, { encoding, maxAgeMs: 0 });

    await connection.subscribe(channel, { position: lastPosition(first), always: true });
    await fixture.clock.settle();

    expect(transport.events.map(({ data }) => data)).toEqual(expected);
  });

  it('claims no state value before it was sent, so that a client cut in between gets it on its return', async () => {
    const fixture = makeHub();
    await fixture.publish('state:a', 'value');
    const client = await join(fixture, 'state:a');

    const subscribed = client.transport.received.find(({ frame }) => frame.type === 'subscribed');

    expect(subscribed?.cursor).toMatch(/\.0$/);
  });

  it('says when everything that stood waiting was handed over, at the pace of the peer', async () => {
    const fixture = makeHub();
    await join(fixture, 'log:a');
    for (let n = 1; n <= 40; n += 1) await fixture.publish('log:a', 'x'.repeat(20_000));
    const { epoch } = await fixture.broker.head('log:a');
    const transport = new MemoryTransport();
    const connection = fixture.hub.open(transport, { encoding: trailing, maxAgeMs: 0 });
    transport.pause();
    let caughtUp = false;

    const outcome = await connection.subscribe('log:a', { position: { epoch, offset: 0 } });
    void (outcome.kind === 'subscribed' && outcome.caughtUp?.then(() => (caughtUp = true)));
    await fixture.clock.settle();
    expect(caughtUp).toBe(false);
    transport.resume();
    connection.drained();
    await fixture.clock.settle();

    expect(caughtUp).toBe(true);
    expect(transport.events).toHaveLength(40);
  });

  it('has nothing to catch up with where nothing stood waiting, and has caught up where it ended before', async () => {
    const fixture = makeHub();
    await fixture.publish('state:a', 1);
    const { connection } = await join(fixture, 'log:a');
    expect(await connection.subscribe('log:b')).not.toHaveProperty('caughtUp');

    const outcome = await connection.subscribe('state:a');
    connection.ended();

    expect(outcome).toMatchObject({ caughtUp: expect.any(Promise) });
    await (outcome.kind === 'subscribed' && outcome.caughtUp);
  });

  it('refuses the subscriber over the limit and keeps its place free when one leaves', async () => {
    const fixture = makeHub();
    const first = await join(fixture, 'small:a');
    const second = await join(fixture, 'log:a');

    expect(await second.connection.subscribe('small:a')).toEqual({ kind: 'refused', code: 'TOO_MANY_CONNECTIONS' });
    first.connection.ended();
    expect(await second.connection.subscribe('small:a')).toMatchObject({ kind: 'subscribed' });
  });

  it('refuses unknown channels and more channels than a connection may have', async () => {
    const fixture = makeHub({ limits: { maxChannelsPerConnection: 1 } });
    const client = await join(fixture, 'log:a');

    expect(await client.connection.subscribe('log:b')).toEqual({ kind: 'refused', code: 'TOO_MANY_CHANNELS' });
    client.connection.unsubscribe('log:a');
    expect(await client.connection.subscribe('what:b')).toEqual({ kind: 'refused', code: 'CHANNEL_UNKNOWN' });
  });

  it('closed in the middle of subscribing leaves nothing behind', async () => {
    const fixture = makeHub();
    const connection = fixture.hub.open(new MemoryTransport(), {
      encoding,
    });
    const outcome = connection.subscribe('log:a');
    connection.ended();
    await fixture.clock.settle();

    expect(await outcome).toEqual({ kind: 'refused', code: 'CLOSED' });
    expect(fixture.hub.stats()).toMatchObject({ connections: 0, subscriptions: 0, channels: 0 });
  });

  it('carries a compound cursor that knows every channel, and resumes each from its own position', async () => {
    const fixture = makeHub();
    const client = await join(fixture, ['log:a', 'log:b']);
    await fixture.publish('log:a', 1);
    await fixture.publish('log:b', 2);
    await fixture.clock.settle();

    expect(client.data('log:a')).toEqual([1]);
    expect(client.data('log:b')).toEqual([2]);
    const cursors = client.transport.received.map(({ cursor }) => cursor);
    expect(new Set(cursors.slice(-3)).size).toBe(3);
  });
});
