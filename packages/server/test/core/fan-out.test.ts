import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import type { Encoding } from '../../src/core/index.ts';
import { encoding, join, makeHub } from './hub-fixture.ts';

describe('fan-out', () => {
  it('frames an event once per format, however many watch', async () => {
    const fixture = makeHub();
    let framed = 0;
    const counting: Encoding = {
      ...encoding,
      event: (event) => {
        framed += 1;
        return encoding.event(event);
      },
    };
    const transports = Array.from({ length: 100 }, () => new MemoryTransport());
    for (const transport of transports) {
      void fixture.hub.open(transport, { encoding: counting, maxAgeMs: 0 }).subscribe('log:a');
    }
    await fixture.clock.settle();

    await fixture.publish('log:a', 'x');
    await fixture.clock.settle();

    expect(framed).toBe(1);
    expect(transports.every((transport) => transport.events.length === 1)).toBe(true);
  });

  it('gives each connection one write per turn of the loop, over all its channels', async () => {
    const fixture = makeHub();
    const client = await join(fixture, ['log:a', 'log:b']);
    const before = client.transport.writes;

    for (let n = 0; n < 16; n += 1) await fixture.publish(n % 2 === 0 ? 'log:a' : 'log:b', n);
    fixture.clock.turn();

    expect(client.transport.writes - before).toBe(1);
    expect(client.transport.events).toHaveLength(16);
  });

  it('sends to one that joined between publish and flush exactly once', async () => {
    const fixture = makeHub();
    const early = await join(fixture, 'log:a');
    void fixture.hub.append({ channel: 'log:a', event: 'e', dataJson: '1' });
    const transport = new MemoryTransport();
    const late = fixture.hub.open(transport, { encoding, maxAgeMs: 0 });
    void late.subscribe('log:a', {
      position: await fixture.broker.head('log:a').then(({ epoch }) => ({ epoch, offset: 0 })),
    });
    await fixture.clock.settle();

    expect(early.data('log:a')).toEqual([1]);
    expect(transport.events.map(({ data }) => data)).toEqual([1]);
  });

  it('keeps the last state, always: a burst within the interval ends on the newest value', async () => {
    const fixture = makeHub();
    const client = await join(fixture, 'throttled:a');

    for (let n = 0; n < 1000; n += 1) {
      await fixture.publish('throttled:a', n);
      await fixture.clock.advance(1);
    }
    await fixture.clock.advance(50);

    const seen = client.data('throttled:a');
    expect(seen.at(-1)).toBe(999);
    expect(seen.length).toBeLessThanOrEqual(22);
  });

  it('sends the first state of a quiet channel at once', async () => {
    const fixture = makeHub();
    const client = await join(fixture, 'throttled:a');
    await fixture.clock.advance(1000);

    await fixture.publish('throttled:a', 'now');
    await fixture.clock.settle();

    expect(client.data('throttled:a')).toEqual(['now']);
  });

  it('delivers signals to whoever listens and keeps none', async () => {
    const fixture = makeHub();
    const client = await join(fixture, 'signal:a');

    fixture.hub.broadcast({ channel: 'signal:a', event: 'typing', dataJson: '"x"' });
    await fixture.clock.settle();
    const late = await join(fixture, 'signal:a');

    expect(client.data('signal:a')).toEqual(['x']);
    expect(late.data('signal:a')).toEqual([]);
  });

  it('hands values over and events on in the format of each reader, whoever came before', async () => {
    const fixture = makeHub();
    await fixture.publish('state:a', 'v');
    const formats = ['one', 'two', 'three'].map((name): Encoding => {
      const named = (mark: string): Encoding['event'] => {
        return (event) => encoding.event({ ...event, dataJson: JSON.stringify(`${name} ${mark}`) });
      };
      return { ...encoding, name, event: named('event'), snapshot: named('snapshot') };
    });
    const readers = [...formats, ...formats].map((format) => {
      const transport = new MemoryTransport();
      void fixture.hub.open(transport, { encoding: format, maxAgeMs: 0 }).subscribe('state:a');
      return { format, transport };
    });
    await fixture.clock.settle();
    await fixture.publish('state:a', 'w');
    await fixture.clock.settle();

    for (const { format, transport } of readers) {
      expect(transport.events.map(({ data }) => data)).toEqual([`${format.name} snapshot`, `${format.name} event`]);
    }
  });
});
