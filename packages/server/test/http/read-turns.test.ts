/** Many sockets have something to say at once: who is read in this turn of the loop, and that nobody is lost who waits. */
import { Duplex } from 'node:stream';
import { FakeClock } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { ReadTurns } from '../../src/http/read-turns.ts';

/** Each that is read takes a millisecond. */
class BusyClock extends FakeClock {
  spentMs = 0;
  /** Turns that were asked for. */
  asked = 0;

  override now(): number {
    return super.now() + this.spentMs;
  }

  override afterTurn(task: () => void): void {
    this.asked += 1;
    super.afterTurn(task);
  }
}

function crowd(count: number) {
  const clock = new BusyClock();
  const served: string[] = [];
  const turns = new ReadTurns<Duplex>({
    clock,
    read: (_, bytes) => {
      clock.spentMs += 1;
      served.push(bytes.toString());
    },
  });
  const sockets = Array.from({ length: count }, () => {
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    socket.on('data', (bytes: Buffer) => turns.came(socket, bytes)).on('close', () => turns.forget(socket));
    return socket;
  });
  const say = (number: number, text = String(number)): void => void sockets[number]?.push(text);
  const all = (): void => sockets.forEach((_, number) => void say(number));
  return { clock, served, turns, sockets, say, all };
}

/** What streams do in ticks has been done. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const numbers = (count: number): string[] => Array.from({ length: count }, (_, number) => String(number));

/** Of one turn: 8 ms of a millisecond each, looked at after every eighth. */
const MOST = 16;

describe('sockets that are heard at once', () => {
  it('are read a few milliseconds in a turn, and all in the end, in their order', async () => {
    const { clock, served, all } = crowd(1000);
    await settled();

    all();
    const sizes = [served.length];
    for (let turns = 0; turns < 200 && served.length < 1000; turns += 1) {
      const before = served.length;
      clock.turn();
      await settled();
      sizes.push(served.length - before);
    }

    expect(Math.max(...sizes)).toBeLessThanOrEqual(MOST);
    expect(served).toEqual(numbers(1000));
  });

  it('come behind those who wait', async () => {
    const { clock, served, say } = crowd(40);
    await settled();
    for (let number = 0; number < 30; number += 1) say(number);

    clock.turn();
    for (let number = 30; number < 40; number += 1) say(number);
    for (let turns = 0; turns < 10; turns += 1) clock.turn();

    expect(served).toEqual(numbers(40));
  });

  it('ask for no turn where they are few', async () => {
    const { clock, served, say } = crowd(7);
    await settled();

    for (let number = 0; number < 7; number += 1) say(number);

    expect(served).toHaveLength(7);
    expect(clock.asked).toBe(0);
  });

  it('are read at once again when the crowd is gone', async () => {
    const { clock, served, all, say } = crowd(40);
    await settled();
    all();
    for (let turns = 0; turns < 10; turns += 1) clock.turn();
    await settled();

    say(0, 'again');

    expect(served.slice(40)).toEqual(['again']);
  });
});

describe('a socket that waits to be read', () => {
  it('is read whole, and its end comes behind its last byte', async () => {
    const { clock, served, sockets, all, say } = crowd(40);
    await settled();
    sockets[39]?.on('end', () => served.push('end'));
    all();

    say(39, 'more');
    sockets[39]?.push(null);
    await settled();
    const before = served.length;
    for (let turns = 0; turns < 10; turns += 1) {
      clock.turn();
      await settled();
    }

    expect(before).toBeLessThanOrEqual(MOST);
    expect(served).toEqual([...numbers(40), 'more', 'end']);
  });

  it('is forgotten when it breaks', async () => {
    const { clock, served, sockets, all } = crowd(40);
    await settled();
    all();

    sockets[39]?.on('error', () => {}).destroy(new Error('ECONNRESET'));
    await settled();
    for (let turns = 0; turns < 10; turns += 1) clock.turn();

    expect(served).toEqual(numbers(39));
  });

  it('keeps what it said, when it is to be read later', async () => {
    const { clock, served, sockets, turns, all } = crowd(40);
    await settled();
    all();

    const later = sockets[39];
    if (later !== undefined) turns.forget(later);
    for (let rounds = 0; rounds < 10; rounds += 1) clock.turn();
    const before = served.length;
    later?.resume();

    expect(before).toBe(39);
    await vi.waitUntil(() => served.at(-1) === '39');
  });

  it('is cut when the server ends', async () => {
    const { sockets, turns, all } = crowd(40);
    await settled();
    all();

    turns.close();

    expect(sockets.filter(({ destroyed }) => destroyed).length).toBeGreaterThanOrEqual(40 - MOST);
  });
});
