import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import type { Encoding, StoredEvent } from '../../src/core/index.ts';
import { encoding, join, makeHub, trailing } from './hub-fixture.ts';

function failing(event: (event: StoredEvent) => void, base: Encoding = encoding): Encoding {
  return {
    ...base,
    event: (stored) => {
      event(stored);
      return base.event(stored);
    },
  };
}

const fail = (): never => {
  throw new Error('broken');
};

describe('a throw in what is plugged in', () => {
  /** The flush of the turn never ran to its end, so no turn was ever flushed again: one bad view silenced the server. */
  it.each([
    ['an encoding', 'log:a', failing(fail)],
    ['a trailer', 'log:a', { ...trailing, trailer: fail }],
    ['an encoding of signals', 'signal:a', failing(fail)],
  ])('%s ends only its own connections; everybody else is served in the same turn', async (_what, channel, broken) => {
    const fixture = makeHub();
    const before = await join(fixture, channel);
    const transport = new MemoryTransport();
    await fixture.hub.open(transport, { encoding: broken, maxAgeMs: 0 }).subscribe(channel);
    const after = await join(fixture, channel);

    for (const n of [1, 2]) {
      if (channel === 'log:a') await fixture.publish(channel, n);
      else fixture.hub.broadcast({ channel, event: 'e', dataJson: String(n) });
      await fixture.clock.settle();
    }

    expect(transport.closedWith).toMatchObject({ code: 3008, reconnect: true });
    for (const client of [before, after]) expect(client.data(channel)).toEqual([1, 2]);
    expect(fixture.events.filter(({ kind }) => kind === 'connection-failed')).toHaveLength(1);
  });

  it('a transport ends only its own connection', async () => {
    const fixture = makeHub();
    const transport = new MemoryTransport();
    const connection = fixture.hub.open(transport, { encoding, maxAgeMs: 0 });
    await connection.subscribe('log:a');
    const other = await join(fixture, 'log:a');
    transport.send = fail;

    for (const n of [1, 2]) {
      await fixture.publish('log:a', n);
      await fixture.clock.settle();
    }

    expect(connection.closed).toBe(true);
    expect(other.data('log:a')).toEqual([1, 2]);
  });

  it('an encoding of control frames ends the connection at its greeting, heartbeat or end, and nothing else', async () => {
    const fixture = makeHub();
    let broken = true;
    const control: Encoding['control'] = (frame, facts) => (broken ? fail() : encoding.control(frame, facts));
    const greeted = fixture.hub.open(new MemoryTransport(), { encoding: { ...encoding, control }, maxAgeMs: 0 });
    expect(greeted.closed).toBe(true);

    broken = false;
    const beating = fixture.hub.open(new MemoryTransport(), { encoding: { ...encoding, control }, maxAgeMs: 0 });
    const other = await join(fixture, 'log:a');
    broken = true;
    await fixture.clock.advance(60_000);

    expect(beating.closed).toBe(true);
    expect(other.transport.types.filter((type) => type === 'heartbeat').length).toBeGreaterThanOrEqual(2);
    expect(fixture.hub.stats().connections).toBe(1);
  });

  it('an encoding that fails on what waited for a slow peer ends that connection, and its cursor claims nothing unsent', async () => {
    const fixture = makeHub();
    const transport = new MemoryTransport();
    let broken = false;
    const connection = fixture.hub.open(transport, { encoding: failing(() => broken && fail()), maxAgeMs: 0 });
    await connection.subscribe('log:a');
    transport.pause();
    await fixture.publish('log:a', 1);
    await fixture.clock.settle();
    broken = true;
    await fixture.publish('log:a', 2);
    await fixture.clock.settle();

    expect(connection.closed).toBe(true);
    expect(connection.delivery.standing.text).toMatch(/\.1$/);
  });
});
