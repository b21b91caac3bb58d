/** The operator's switch in the hub [PROTOCOL §16]: who is told, who has to leave, and when. */
import type { TransportName } from '@fanfare/protocol';
import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { encoding, type HubFixture, makeHub } from './hub-fixture.ts';

function open({ hub }: HubFixture, transport?: TransportName): MemoryTransport {
  const wire = new MemoryTransport();
  hub.open(wire, { encoding, maxAgeMs: 0, ...(transport && { transport }) });
  return wire;
}

describe('the switch of transports', () => {
  it('allows every wire at first, and then a client hears nothing of it', async () => {
    const fixture = makeHub();
    const wire = open(fixture, 'sse');
    await fixture.clock.settle();

    expect(fixture.hub.transports.allowed).toEqual(['ws', 'sse', 'poll']);
    expect(fixture.hub.transports.restricts).toBe(false);
    expect(wire.received.map(({ frame }) => frame)).toEqual([
      { type: 'connected', connection: expect.any(String), heartbeatMs: 20_000 },
    ]);
  });

  it('tells everybody at once, and ends those on a forbidden wire in random slices within two seconds', async () => {
    const fixture = makeHub({ random: [0.1, 0.9, 0.4, 0.7, 0.2] });
    const wires = Array.from({ length: 40 }, () => open(fixture, 'ws'));
    const stays = open(fixture, 'sse');

    fixture.hub.transports.set(['poll', 'sse']);
    await fixture.clock.settle();
    for (const { received } of [...wires, stays]) {
      expect(received.map(({ frame }) => frame)).toContainEqual({ type: 'transports', transports: ['sse', 'poll'] });
    }
    await fixture.clock.advance(1000);
    const early = wires.filter(({ closedWith }) => closedWith !== undefined).length;
    await fixture.clock.advance(1000);

    expect(early).toBeGreaterThan(0);
    expect(early).toBeLessThan(40);
    expect(wires.every(({ closedWith }) => closedWith?.code === 3009 && closedWith.reconnect)).toBe(true);
    expect(stays.closedWith).toBeUndefined();
    expect(fixture.events).toContainEqual({ kind: 'transports-switched', transports: ['sse', 'poll'] });
  });

  it('tells who connects later what is allowed, while anything is forbidden', async () => {
    const fixture = makeHub();
    fixture.hub.transports.set(['sse']);
    const restricted = open(fixture, 'sse');
    fixture.hub.transports.set(['ws', 'sse', 'poll']);
    const free = open(fixture, 'sse');
    await fixture.clock.settle();

    expect(restricted.received[0]?.frame).toMatchObject({ type: 'connected', transports: ['sse'] });
    expect(restricted.received[1]?.frame).toEqual({ type: 'transports', transports: ['ws', 'sse', 'poll'] });
    expect(free.received[0]?.frame).not.toHaveProperty('transports');
  });

  it('leaves a stream alone that is on no wire of the protocol', async () => {
    const fixture = makeHub();
    const view = open(fixture);

    fixture.hub.transports.set(['poll']);
    await fixture.clock.advance(5000);

    expect(view.closedWith).toBeUndefined();
    expect(view.types).toEqual(['connected', 'heartbeat'].slice(0, view.types.length));
  });

  it('spares who has not left yet when the operator thinks better of it', async () => {
    const fixture = makeHub({ random: [0.1, 0.9] });
    const wires = Array.from({ length: 20 }, () => open(fixture, 'ws'));

    fixture.hub.transports.set(['poll']);
    await fixture.clock.advance(1000);
    fixture.hub.transports.set(['ws', 'poll']);
    await fixture.clock.advance(5000);

    const left = wires.filter(({ closedWith }) => closedWith !== undefined).length;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(20);
  });

  it('is heard by who observes it, once per change, until that ends', () => {
    const { hub } = makeHub();
    const heard: (readonly TransportName[])[] = [];
    const stop = hub.transports.observe((allowed) => heard.push(allowed));

    hub.transports.set(['poll']);
    hub.transports.set(['poll']);
    hub.transports.set(['sse', 'poll', 'poll']);
    stop();
    hub.transports.set(['ws']);

    expect(heard).toEqual([['poll'], ['sse', 'poll']]);
  });

  it('never forbids everything', () => {
    const { hub } = makeHub();

    expect(() => hub.transports.set([])).toThrow(TypeError);
    expect(hub.transports.allowed).toEqual(['ws', 'sse', 'poll']);
  });

  it('leaves no timer behind', async () => {
    const fixture = makeHub();
    open(fixture, 'ws');
    fixture.hub.transports.set(['poll']);
    await fixture.clock.advance(10_000);

    expect(fixture.hub.stats().connections).toBe(0);
    expect(fixture.clock.timers).toBe(0);
  });
});
