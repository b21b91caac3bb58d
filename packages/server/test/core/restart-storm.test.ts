import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { FaultyBroker } from './faulty-broker.ts';
import { encoding, join, makeHub } from './hub-fixture.ts';

describe('a reconnect storm after a restart', () => {
  it('reads and frames what everybody missed once', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    for (let n = 1; n <= 100; n += 1) broker.put('log:a', String(n));
    let framed = 0;
    const counting = {
      ...encoding,
      event: (event: Parameters<typeof encoding.event>[0]) => {
        framed += 1;
        return encoding.event(event);
      },
    };
    const transports = Array.from({ length: 200 }, () => new MemoryTransport());

    for (const transport of transports) {
      const connection = fixture.hub.open(transport, { encoding: counting, maxAgeMs: 0 });
      void connection.subscribe('log:a', { position: { epoch: 'A', offset: 20 } });
    }
    await fixture.clock.settle();

    expect(transports.every(({ events }) => events.length === 80)).toBe(true);
    expect({ framed, reads: broker.reads }).toEqual({ framed: 80, reads: 1 });
  });

  it('keeps what it read for as long as a storm lasts, no longer', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    for (let n = 1; n <= 100; n += 1) broker.put('log:a', String(n));
    const position = { epoch: 'A', offset: 20 };

    await join(fixture, 'log:a', { position });
    await fixture.clock.advance(500);
    await join(fixture, 'log:a', { position });
    expect(broker.reads).toBe(1);
    await fixture.clock.advance(1500);
    const late = await join(fixture, 'log:a', { position });

    expect(broker.reads).toBe(2);
    expect(late.data('log:a')).toHaveLength(80);
  });

  it('asks anew after a verdict: what was ahead a moment ago may have been written since', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    await join(fixture, 'log:a');
    const position = { epoch: 'A', offset: 1 };
    const ahead = await join(fixture, 'log:a', { position });
    broker.swallow = 1;
    broker.put('log:a', '1');

    const client = await join(fixture, 'log:a', { position });

    expect(ahead.transport.received[1]?.frame).toMatchObject({ recovered: false, cause: 'ahead' });
    expect(client.transport.received[1]?.frame).toMatchObject({ recovered: true });
  });
});
