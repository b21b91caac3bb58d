import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { type Broker, EngineUnavailable, type FollowListener, type StoredEvent } from '../../src/core/index.ts';
import { memory } from '../../src/engines/index.ts';
import { FaultyBroker } from './faulty-broker.ts';
import { encoding, join, makeHub } from './hub-fixture.ts';

describe('the life of a connection', () => {
  it('hears a heartbeat at least every interval, on one timer for all connections', async () => {
    const fixture = makeHub({ limits: { heartbeatMs: 20_000 } });
    const clients = [];
    for (let n = 0; n < 50; n += 1) clients.push(await join(fixture, 'log:a'));
    expect(fixture.clock.timers).toBe(1);

    await fixture.clock.advance(100_000);

    for (const { transport } of clients) {
      const { length } = transport.types.filter((type) => type === 'heartbeat');
      expect(length).toBeGreaterThanOrEqual(4);
      expect(length).toBeLessThanOrEqual(6);
    }
  });

  it('ends at its maximum age with a code that says reconnect', async () => {
    const fixture = makeHub();
    const transport = new MemoryTransport();
    fixture.hub.open(transport, { encoding, maxAgeMs: 300_000 });

    await fixture.clock.advance(299_000);
    expect(transport.closedWith).toBeUndefined();
    await fixture.clock.advance(3000);

    expect(transport.closedWith).toMatchObject({ code: 3001, reconnect: true });
    expect(transport.types.at(-1)).toBe('close');
  });

  it('leaves no timer, connection or channel behind', async () => {
    const fixture = makeHub();
    for (let n = 0; n < 100; n += 1) (await join(fixture, ['log:a', `log:b${n}`])).connection.ended();

    await fixture.clock.advance(60_000);

    expect(fixture.hub.stats()).toMatchObject({ connections: 0, subscriptions: 0, channels: 0 });
    expect(fixture.clock.timers).toBe(0);
  });

  it.each([
    [undefined, 1006],
    [1000, 1000],
  ])('ends with the code of its wire: %s', async (code, expected) => {
    const fixture = makeHub();
    const { connection } = await join(fixture, 'log:a');

    connection.ended(code);

    expect(fixture.events).toContainEqual(expect.objectContaining({ kind: 'connection-closed', code: expected }));
  });

  it('is refused with a code that says reconnect where there is no room, and costs nothing afterwards', async () => {
    const fixture = makeHub({ limits: { maxConnections: 2 } });
    const [first] = [await join(fixture, 'log:a'), await join(fixture, 'log:a')];
    expect(fixture.hub.accepts).toBe(false);

    const refused = new MemoryTransport();
    fixture.hub.open(refused, { encoding });
    expect(refused.closedWith).toMatchObject({ code: 3003, reconnect: true });
    expect(fixture.hub.stats().connections).toBe(2);

    first.connection.ended();
    expect(fixture.hub.accepts).toBe(true);
    fixture.hub.close();
    expect(fixture.hub.accepts).toBe(false);
    await fixture.clock.advance(2000);
    expect(fixture.clock.timers).toBe(0);
  });

  it('keeps a bounded number of channels warm, the latest ones: a scan over random names fills no memory', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    const { connection } = await join(fixture, 'log:watched');
    for (let n = 0; n < 1200; n += 1) {
      await connection.subscribe(`log:${n}`);
      connection.unsubscribe(`log:${n}`);
    }

    expect(broker.followed).toBe(1001);
    broker.down = true;
    expect(await connection.subscribe('log:1199')).toMatchObject({ kind: 'subscribed' });
    expect(await connection.subscribe('log:0')).toMatchObject({ kind: 'refused' });
  });

  it('drains in random slices: every client is told to reconnect, at its own time, and none may come in', async () => {
    const fixture = makeHub({ random: [0.1, 0.9, 0.4, 0.7, 0.2] });
    const clients = [];
    for (let n = 0; n < 40; n += 1) clients.push(await join(fixture, 'log:a'));

    const drained = fixture.hub.drain({ overMs: 4000 });
    await fixture.clock.advance(2000);
    const early = clients.filter(({ connection }) => connection.closed).length;
    await fixture.clock.advance(3000);
    await drained;

    expect(early).toBeGreaterThan(0);
    expect(early).toBeLessThan(40);
    const frames = clients.map(({ transport }) => transport.closedWith);
    expect(frames.every((frame) => frame?.code === 3000 && frame.reconnect)).toBe(true);
    expect(new Set(frames.map((frame) => frame?.retryMs)).size).toBeGreaterThan(3);
    const late = new MemoryTransport();
    fixture.hub.open(late, { encoding });
    expect(late.closedWith?.code).toBe(3000);
  });

  it('has drained as soon as the last client has gone by itself', async () => {
    const fixture = makeHub();
    const clients = [await join(fixture, 'log:a'), await join(fixture, 'log:a')];
    const drained = fixture.hub.drain({ overMs: 30_000 });
    for (const { connection } of clients) connection.ended();

    await fixture.clock.advance(200);
    await drained;

    expect(fixture.events.at(-1)).toMatchObject({ kind: 'drain-ended' });
  });

  it('reports facts to observers and survives one that throws', async () => {
    const fixture = makeHub();
    fixture.hub.observe(() => {
      throw new Error('a broken observer');
    });

    const client = await join(fixture, 'log:a');
    client.connection.ended();

    expect(fixture.events.map(({ kind }) => kind)).toEqual([
      'connection-opened',
      'subscribed',
      'unsubscribed',
      'connection-closed',
    ]);
  });
});

/** A broker whose engine fails on demand, and whose follow can lose events. */
function faulty(): { readonly broker: Broker; readonly faults: { down: boolean; swallow: number } } {
  const { broker } = memory();
  const faults = { down: false, swallow: 0 };
  const fail = async (): Promise<never> => {
    throw new EngineUnavailable('down');
  };
  const lossy = (listener: FollowListener) => (events: readonly StoredEvent[]) => {
    if (faults.swallow > 0) faults.swallow -= 1;
    else listener(events);
  };
  return {
    faults,
    broker: {
      append: (request) => (faults.down ? fail() : broker.append(request)),
      broadcast: (event) => broker.broadcast(event),
      read: (request) => (faults.down ? fail() : broker.read(request)),
      head: (channel) => (faults.down ? fail() : broker.head(channel)),
      follow: (channel, listener) => broker.follow(channel, lossy(listener)),
    },
  };
}

describe('a failing engine', () => {
  it('refuses the subscription, keeps the connection, and serves it once it is back', async () => {
    const { broker, faults } = faulty();
    const fixture = makeHub({ broker });
    faults.down = true;
    const client = await join(fixture, 'log:a');
    expect(await client.connection.subscribe('log:a')).toEqual({ kind: 'refused', code: 'ENGINE_UNAVAILABLE' });

    faults.down = false;
    expect(await client.connection.subscribe('log:a')).toMatchObject({ kind: 'subscribed' });
    await fixture.publish('log:a', 1);
    await fixture.clock.settle();

    expect(client.data('log:a')).toEqual([1]);
  });

  it('whose follow skips events makes live subscribers catch up from history: no hole', async () => {
    const { broker, faults } = faulty();
    const fixture = makeHub({ broker });
    const client = await join(fixture, 'log:a');
    await fixture.publish('log:a', 1);
    faults.swallow = 3;

    for (let n = 2; n <= 6; n += 1) await fixture.publish('log:a', n);
    await fixture.clock.settle();
    await fixture.publish('log:a', 7);
    await fixture.clock.settle();

    expect(client.data('log:a')).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(fixture.events.some(({ kind }) => kind === 'hole-in-follow')).toBe(true);
  });
});
