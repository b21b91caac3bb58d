/** What a connection that can be heard owes: an answer to heartbeats, something to live for, one end with a code. */
import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import type { Handshake } from '../../src/core/index.ts';
import { encoding, type HubFixture, makeHub } from './hub-fixture.ts';

function open({ hub }: HubFixture, handshake: Partial<Handshake>) {
  const transport = new MemoryTransport();
  return { transport, connection: hub.open(transport, { encoding, maxAgeMs: 0, ...handshake }) };
}

describe('a connection whose peer answers heartbeats', () => {
  it('ends after two and a half of them in silence', async () => {
    const fixture = makeHub({ limits: { heartbeatMs: 20_000 } });
    const { transport } = open(fixture, { answers: true });

    await fixture.clock.advance(49_000);
    expect(transport.closedWith).toBeUndefined();
    await fixture.clock.advance(3000);

    expect(transport.closedWith).toMatchObject({ code: 3005, reconnect: true });
  });

  it('lives on while it is heard', async () => {
    const fixture = makeHub({ limits: { heartbeatMs: 20_000 } });
    const { transport, connection } = open(fixture, { answers: true });

    for (let round = 0; round < 10; round += 1) {
      await fixture.clock.advance(40_000);
      connection.heard();
    }

    expect(transport.closedWith).toBeUndefined();
  });

  it('is not taken for gone while it reads what waits for it, since it gets no heartbeat to answer then', async () => {
    const fixture = makeHub({ limits: { heartbeatMs: 20_000, deadMs: 1_000_000 } });
    const { transport, connection } = open(fixture, { answers: true });
    await connection.subscribe('state:a');
    transport.pause();
    await fixture.publish('state:a', 1);

    await fixture.clock.advance(120_000);
    expect(transport.closedWith).toBeUndefined();
    transport.resume();
    connection.drained();
    // The next heartbeat may be a whole interval away.
    await fixture.clock.advance(29_000);
    expect(transport.closedWith).toBeUndefined();
    await fixture.clock.advance(24_000);
    expect(transport.closedWith).toMatchObject({ code: 3005 });
  });

  it('is not asked to where the wire has no way back', async () => {
    const fixture = makeHub();
    const { transport } = open(fixture, {});

    await fixture.clock.advance(300_000);

    expect(transport.closedWith).toBeUndefined();
  });
});

describe('a connection with neither subscription nor identity', () => {
  it('ends when its time is up', async () => {
    const fixture = makeHub();
    const { transport } = open(fixture, { idleMs: 10_000 });

    await fixture.clock.advance(9000);
    expect(transport.closedWith).toBeUndefined();
    await fixture.clock.advance(2000);

    expect(transport.closedWith).toMatchObject({ code: 3005, reconnect: true });
  });

  it('stays where it has either by then, and is not asked again', async () => {
    const fixture = makeHub();
    const known = open(fixture, { idleMs: 10_000 });
    known.connection.belongTo({ subject: 'user-7' });
    const reader = open(fixture, { idleMs: 10_000 });
    await reader.connection.subscribe('log:a');
    await fixture.clock.advance(11_000);
    reader.connection.unsubscribe('log:a');

    await fixture.clock.advance(60_000);

    expect(known.transport.closedWith).toBeUndefined();
    expect(reader.transport.closedWith).toBeUndefined();
  });
});

describe('the end of a connection', () => {
  it('carries the close code of the peer, where there is one', async () => {
    const fixture = makeHub();

    open(fixture, {}).connection.ended(1001);
    open(fixture, {}).connection.ended();

    const codes = fixture.events.flatMap((event) => (event.kind === 'connection-closed' ? [event.code] : []));
    expect(codes).toEqual([1001, 1006]);
  });
});

describe('an unsubscription', () => {
  it('is told in its place among the events, with the id of who asked for it, or with the reason', async () => {
    const fixture = makeHub();
    const { transport, connection } = open(fixture, {});
    await connection.subscribe('log:a', { id: 1 });
    await connection.subscribe('log:b');
    await fixture.publish('log:a', 'before');
    await fixture.clock.settle();

    expect(connection.unsubscribe('log:a', { id: 2 })).toBe(true);
    expect(connection.unsubscribe('log:a', { id: 3 })).toBe(false);
    connection.unsubscribe('log:b', { code: 'FORBIDDEN', reason: 'No more.' });
    await fixture.publish('log:a', 'after');
    await fixture.clock.settle();

    expect(transport.received.slice(1).map(({ frame }) => frame)).toEqual([
      { type: 'subscribed', id: 1, channel: 'log:a', kind: 'log', position: expect.any(String) },
      { type: 'subscribed', channel: 'log:b', kind: 'log', position: expect.any(String) },
      { type: 'event', channel: 'log:a', event: 'e', data: 'before', position: expect.any(String) },
      { type: 'unsubscribed', id: 2, channel: 'log:a' },
      { type: 'unsubscribed', channel: 'log:b', code: 'FORBIDDEN', reason: 'No more.' },
    ]);
  });
});
