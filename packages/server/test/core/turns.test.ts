import { FakeClock, fakeEntropy, MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { type Encoding, Hub } from '../../src/core/index.ts';
import { memory } from '../../src/engines/index.ts';
import { encoding, join, makeHub, ruleOf } from './hub-fixture.ts';

/** A clock on which every write takes 50 microseconds. */
class BusyClock extends FakeClock {
  spentMs = 0;

  override now(): number {
    return super.now() + this.spentMs;
  }
}

class BusyTransport extends MemoryTransport {
  readonly #clock: BusyClock;

  constructor(clock: BusyClock) {
    super();
    this.#clock = clock;
  }

  override send(chunks: readonly Uint8Array[]): ReturnType<MemoryTransport['send']> {
    this.#clock.spentMs += 0.05;
    return super.send(chunks);
  }
}

/** So many subscribers of one channel, who have their first frames. */
async function crowd(size: number): Promise<{
  readonly clock: BusyClock;
  readonly hub: Hub;
  readonly transports: readonly BusyTransport[];
  readonly publish: (data: number) => Promise<void>;
}> {
  const clock = new BusyClock();
  const hub = new Hub({ broker: memory({ clock }).broker, clock, entropy: fakeEntropy(), rules: ruleOf });
  const transports = Array.from({ length: size }, () => new BusyTransport(clock));
  for (const transport of transports) void hub.open(transport, { encoding, maxAgeMs: 0 }).subscribe('log:a');
  await clock.settle();
  for (const transport of transports) transport.writes = 0;
  const publish = async (data: number): Promise<void> => {
    await hub.append({ channel: 'log:a', event: 'e', dataJson: String(data) });
  };
  return { clock, hub, transports, publish };
}

describe('a turn of the loop', () => {
  it('takes 10 ms at most, however many connections have news, and all of them get it in order', async () => {
    const clock = new BusyClock();
    const hub = new Hub({ broker: memory({ clock }).broker, clock, entropy: fakeEntropy(), rules: ruleOf });
    const transports = Array.from({ length: 1000 }, () => new BusyTransport(clock));
    for (const transport of transports) void hub.open(transport, { encoding, maxAgeMs: 0 }).subscribe('log:a');
    await clock.settle();

    let longest = 0;
    for (let n = 1; n <= 3; n += 1) {
      await hub.append({ channel: 'log:a', event: 'e', dataJson: String(n) });
      clock.turn(); // The look at what else has come.
      const begun = clock.spentMs;
      clock.turn();
      longest = Math.max(longest, clock.spentMs - begun);
    }
    while (transports.some(({ events }) => events.length < 3)) {
      const begun = clock.spentMs;
      clock.turn();
      longest = Math.max(longest, clock.spentMs - begun);
      expect(clock.spentMs).toBeGreaterThan(begun);
    }

    expect(longest).toBeGreaterThan(5);
    expect(longest).toBeLessThanOrEqual(10 + 64 * 0.05);
    expect(transports.every(({ events }) => events.map(({ data }) => data).join() === '1,2,3')).toBe(true);
  });

  it('waits for one more look at what has come, while each brings more for a crowd, and writes it all at once', async () => {
    const { clock, publish, transports } = await crowd(64);

    await publish(1);
    clock.turn();
    await publish(2);
    await publish(3);
    clock.turn();
    const sent = transports.some(({ events }) => events.length > 0);
    clock.turn();

    expect(sent).toBe(false);
    expect(transports.every(({ events }) => events.length === 3)).toBe(true);
    expect(transports.every(({ writes }) => writes === 1)).toBe(true);
  });

  it('waits for 2 ms at most, however long more comes', async () => {
    const { clock, publish, transports } = await crowd(64);

    let turns = 0;
    for (; turns < 100 && transports.every(({ events }) => events.length === 0); turns += 1) {
      await publish(turns);
      clock.turn();
      clock.spentMs += 0.5;
    }

    expect(turns).toBe(5);
  });

  it('looks no further for a few readers', async () => {
    const { clock, publish, transports } = await crowd(63);

    await publish(1);
    clock.turn();

    expect(transports.every(({ events }) => events.length === 1)).toBe(true);
  });

  it('does not keep bytes that are owed already waiting for news', async () => {
    const { clock, hub, publish, transports } = await crowd(64);
    const newcomer = new BusyTransport(clock);

    await publish(1);
    hub.open(newcomer, { encoding, maxAgeMs: 0 });
    clock.turn();

    expect(newcomer.types).toEqual(['connected']);
    expect(transports.every(({ events }) => events.length === 1)).toBe(true);
  });

  it('takes 10 ms at most, however many channels have news, and all of it arrives', async () => {
    const clock = new BusyClock();
    const hub = new Hub({ broker: memory({ clock }).broker, clock, entropy: fakeEntropy(), rules: ruleOf });
    const slowly: Encoding = {
      ...encoding,
      event: (event) => {
        clock.spentMs += 0.05;
        return encoding.event(event);
      },
    };
    const transports = Array.from({ length: 500 }, () => new MemoryTransport());
    for (const [n, transport] of transports.entries()) {
      void hub.open(transport, { encoding: slowly, maxAgeMs: 0 }).subscribe(`log:${n}`);
    }
    await clock.settle();
    for (let n = 0; n < 500; n += 1) await hub.append({ channel: `log:${n}`, event: 'e', dataJson: '1' });

    let longest = 0;
    for (let turns = 0; turns < 20; turns += 1) {
      const begun = clock.spentMs;
      clock.turn();
      longest = Math.max(longest, clock.spentMs - begun);
    }

    expect(longest).toBeLessThanOrEqual(10);
    expect(transports.every(({ events }) => events.length === 1)).toBe(true);
  });

  it('beats a bounded number of hearts, and every heart is beaten', async () => {
    const fixture = makeHub({ limits: { heartbeatMs: 20_000 } });
    const transports = Array.from({ length: 5000 }, () => new MemoryTransport());
    for (const transport of transports) fixture.hub.open(transport, { encoding, maxAgeMs: 0 });
    await fixture.clock.settle();
    const beaten = (): number => transports.filter(({ types }) => types.includes('heartbeat')).length;

    let most = 0;
    let before = 0;
    const { afterTurn } = fixture.clock;
    fixture.clock.afterTurn = (task) => {
      afterTurn.call(fixture.clock, () => {
        task();
        const now = beaten();
        most = Math.max(most, now - before);
        before = now;
      });
    };
    await fixture.clock.advance(21_000);

    expect(beaten()).toBe(5000);
    expect(most).toBeLessThanOrEqual(1000);
  });

  it('that came late, after the process was stopped, beats every heart that is due at once', async () => {
    const clock = new BusyClock();
    const hub = new Hub({ broker: memory({ clock }).broker, clock, entropy: fakeEntropy([0, 0.5, 1]), rules: ruleOf });
    const transports = Array.from({ length: 30 }, () => new MemoryTransport());
    for (const transport of transports) hub.open(transport, { encoding, maxAgeMs: 0, heartbeatMs: 20_000 });
    await clock.advance(500);

    // The timer that was set before it fires late: at the first beat that was planned, all the others are due as well.
    clock.spentMs += 40_000;
    await clock.advance(10_000);

    expect(transports.every(({ types }) => types.includes('heartbeat'))).toBe(true);
  });
});

describe('counters', () => {
  it('tell nothing of values that nobody waits for', async () => {
    const fixture = makeHub();
    (await join(fixture, 'throttled:a')).connection.ended();
    for (let n = 0; n < 10; n += 1) await fixture.publish('throttled:a', n);

    expect(fixture.hub.stats().conflated).toBe(0);
  });

  it('never go back when a channel is let go', async () => {
    const fixture = makeHub({ limits: { lingerMs: 1000 } });
    const client = await join(fixture, 'throttled:a');
    for (let n = 0; n < 10; n += 1) await fixture.publish('throttled:a', n);
    await fixture.clock.advance(100);
    const { conflated } = fixture.hub.stats();
    client.connection.ended();
    await fixture.clock.advance(5000);

    expect(conflated).toBe(9);
    expect(fixture.hub.stats().conflated).toBe(conflated);
  });
});
