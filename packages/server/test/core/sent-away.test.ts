/** Thousands who are sent away in one moment: all of them are ended in it, and their wires say so in slices. */
import { FakeClock, fakeEntropy, MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { Hub } from '../../src/core/index.ts';
import { memory } from '../../src/engines/index.ts';
import { encoding, ruleOf } from './hub-fixture.ts';

const COUNT = 1000;
const PER_TURN = 200;

class InstantTransport extends MemoryTransport {
  readonly endsAtOnce = true;
  readonly #sent: () => void;

  constructor(sent: () => void) {
    super();
    this.#sent = sent;
  }

  override send(chunks: readonly Uint8Array[]): ReturnType<MemoryTransport['send']> {
    this.#sent();
    return super.send(chunks);
  }
}

async function crowd(make: () => MemoryTransport = () => new MemoryTransport()) {
  const clock = new FakeClock();
  const limits = { maxConnections: COUNT, maxConnectionsPerUser: COUNT, maxConnectionsPerAddress: COUNT };
  const hub = new Hub({ broker: memory({ clock }).broker, clock, entropy: fakeEntropy(), rules: ruleOf, limits });
  const transports = Array.from({ length: COUNT }, make);
  for (const transport of transports) {
    await hub.open(transport, { encoding, maxAgeMs: 0, credential: { subject: 'an' } }).subscribe('log:a');
  }
  await clock.settle();
  const told = (): number => transports.filter(({ closedWith }) => closedWith !== undefined).length;
  const writes = (): number => transports.reduce((sum, transport) => sum + transport.writes, 0);
  return { clock, hub, transports, told, writes };
}

describe('a crowd that is sent away', () => {
  it('is ended at once, and told so 200 a turn', async () => {
    const { clock, hub, told, writes } = await crowd();
    const written = writes();

    const ended = hub.disconnects.end({ subject: 'an' });
    const { connections, subscriptions } = hub.stats();
    const sizes = [told(), writes() - written];
    for (let turns = 0; turns < 10; turns += 1) {
      const before = { told: told(), writes: writes() };
      clock.turn();
      sizes.push(told() - before.told, writes() - before.writes);
    }

    expect(ended.connections).toBe(COUNT);
    expect({ connections, subscriptions }).toEqual({ connections: 0, subscriptions: 0 });
    expect(Math.max(...sizes)).toBe(PER_TURN);
    expect(told()).toBe(COUNT);
  });

  it('gets what was on its way and its last words, and nothing that came after the end', async () => {
    const { clock, hub, transports } = await crowd();
    const publish = (data: number) =>
      hub.append({ channel: 'log:a', event: 'e', dataJson: String(data), key: '', retention: { kind: 'window' } });
    for (const connection of hub.each()) connection.control({ type: 'heartbeat', time: 7 });

    hub.disconnects.end({ subject: 'an' });
    await publish(1);
    await clock.settle();

    const ends = transports.map(({ received }) => received.slice(-2).map(({ frame, cursor }) => [frame.type, cursor]));
    const [first] = ends;
    expect(first?.map(([type]) => type)).toEqual(['heartbeat', 'close']);
    expect(first?.[1]?.[1]).not.toBe('');
    expect(ends).toEqual(ends.map(() => first));
    expect(transports.some(({ events }) => events.length > 0)).toBe(false);
  });

  it('is told before the hub is closed', async () => {
    const { hub, told } = await crowd();

    hub.close();

    expect(told()).toBe(COUNT);
  });

  it('has nobody wait whose wire ends without a call of the system', async () => {
    const subscribed: number[] = [];
    let onSend = (): void => {};
    let made = 0;
    const { hub, told } = await crowd(() => {
      made += 1;
      return made <= COUNT / 2 ? new MemoryTransport() : new InstantTransport(() => onSend());
    });
    onSend = () => subscribed.push(hub.stats().subscriptions);

    hub.disconnects.end({ subject: 'an' });

    expect(told()).toBe(PER_TURN + COUNT / 2);
    // Each hears its last words while it still has its subscription: an answer says how far it goes.
    expect(subscribed).toEqual(Array.from({ length: COUNT / 2 }, (_, ended) => COUNT / 2 - ended));
  });
});
