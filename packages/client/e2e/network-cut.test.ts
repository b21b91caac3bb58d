/** Packets are dropped, in a network of its own: nobody closes anything, and TCP does what it does. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CLEAN, forkInOwnNetwork, type Handed, hasOwnNetworks, judgeDelivery, type Published } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WIRES, type Wire } from './wires.ts';

/** Of D5. */
const HICCUP_MS = 3000;
const OUTAGE_MS = 30_000;
/** A client waits for 2.5 of them: longer than the hiccup and one of them together. */
const HEARTBEAT_MS = 3000;
/** What the server remembers beside the history of 20 that it promises is no promise. */
const MORE_THAN_KEPT = 500;
/** Of D6. */
const LIMITS = { maxBufferedBytes: 256 * 1024, stallMs: 1000, deadMs: 3000 };
const SILENT_HEARTBEATS = 2.5;
/** A machine with much to do looks at its clocks later. */
const BUSY_MS = 3000;

interface Seen {
  readonly wire: Wire;
  readonly handed: readonly Handed[];
  readonly statuses: readonly string[];
  readonly losses: readonly string[];
}

interface Row {
  readonly published: readonly Published[];
  readonly pages: readonly Seen[];
}

interface Vanished {
  readonly mostBuffered: number;
  readonly keptMs: Readonly<Partial<Record<Wire, number>>>;
}

describe.skipIf(!hasOwnNetworks())('a network that drops every packet', () => {
  let world: World;
  let rows: readonly Row[];
  let usual: readonly Row[];
  let idle: Vanished;
  let busy: Vanished;

  beforeAll(async () => {
    world = new World();
    const short = { minRetryMs: 1000, maxRetryMs: 1000 };
    [rows, usual, idle, busy] = await Promise.all([
      world.ask<readonly Row[]>('cut', {
        options: { heartbeatMs: HEARTBEAT_MS, limits: short },
        cuts: [
          { pattern: 'run', outageMs: HICCUP_MS },
          { pattern: 'run', outageMs: OUTAGE_MS },
          { pattern: 'short', outageMs: OUTAGE_MS, missed: MORE_THAN_KEPT },
        ],
      }),
      world.ask<readonly Row[]>('cut', { options: {}, cuts: [{ pattern: 'run', outageMs: OUTAGE_MS }] }),
      world.ask<Vanished>('vanish', { heartbeatMs: HEARTBEAT_MS, limits: {}, payloadBytes: 0, everyMs: 20 }),
      world.ask<Vanished>('vanish', { heartbeatMs: 1000, limits: LIMITS, payloadBytes: 60 * 1024, everyMs: 5 }),
    ]);
  }, 240_000);
  afterAll(() => world?.close());

  const ROWS = ['3 s', '30 s', '30 s, more than the history', '30 s, with every default'] as const;
  const CASES = ROWS.flatMap((name) => WIRES.map((wire) => [name, wire] as const));
  const rowOf = (name: (typeof ROWS)[number]): Row => {
    const row = [...rows, ...usual][ROWS.indexOf(name)];
    if (row === undefined) throw new Error(`No row ${name}.`);
    return row;
  };
  const seenIn = (name: (typeof ROWS)[number], wire: Wire): Seen => {
    const seen = rowOf(name).pages.find((page) => page.wire === wire);
    if (seen === undefined) throw new Error(`Nobody spoke ${wire}.`);
    return seen;
  };

  it.each(CASES)('D5, for %s, %s: is clean', (name, wire) => {
    expect(rowOf(name).published.length).toBeGreaterThan(20);
    expect(judgeDelivery(rowOf(name).published, seenIn(name, wire).handed)).toEqual(CLEAN);
  });

  it.each(WIRES)('D5, for 3 s, %s: does not reconnect', (wire) => {
    expect(seenIn('3 s', wire).statuses).not.toContain('reconnecting');
  });

  it.each(WIRES)('D5, for 30 s, %s: recovers everything', (wire) => {
    expect(seenIn('30 s', wire).losses).toEqual([]);
    expect(seenIn('30 s, with every default', wire).losses).toEqual([]);
  });

  it.each(WIRES.filter((wire) => wire !== 'poll'))('D5, for 30 s, %s: notices the silence', (wire) => {
    expect(seenIn('30 s', wire).statuses).toContain('reconnecting');
  });

  it.each(WIRES)('D5, for longer than the history, %s: is told of the loss', (wire) => {
    expect(seenIn('30 s, more than the history', wire).losses).toEqual(['trimmed']);
  });

  it('D6, for ever, ws: is let go of when it has answered no ping in time', () => {
    expect(idle.keptMs.ws).toBeLessThan(SILENT_HEARTBEATS * HEARTBEAT_MS + BUSY_MS);
  });

  it.each(WIRES)('D6, for ever, %s: is let go of while others publish', (wire) => {
    expect(busy.keptMs[wire]).toBeLessThan(LIMITS.deadMs + SILENT_HEARTBEATS * 1000 + BUSY_MS);
  });

  it('D6, for ever: never makes the server hold more than the cap', () => {
    expect(busy.mostBuffered).toBeGreaterThan(0);
    expect(busy.mostBuffered).toBeLessThanOrEqual(LIMITS.maxBufferedBytes);
  });
});

/** The process that lives in that network. */
class World {
  readonly #child: ChildProcess = forkInOwnNetwork(fileURLToPath(new URL('cut-world.mjs', import.meta.url)));
  #asked = 0;

  ask<Answer>(task: string, argument: object): Promise<Answer> {
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#child.on('message', (message) => {
        const told = parseAnswer<Answer>(message);
        if (told.id !== id) return;
        if (told.error === undefined) resolve(told.answer);
        else reject(new Error(told.error));
      });
      this.#child.once('exit', (code) => reject(new Error(`The world ended with ${code}.`)));
      this.#child.send({ id, task, argument });
    });
  }

  async close(): Promise<void> {
    if (!this.#child.connected) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}

interface Told<Answer> {
  readonly id: number;
  readonly answer: Answer;
  readonly error?: string;
}

/** What our own script sent. */
function parseAnswer<Answer>(message: unknown): Told<Answer> {
  return message as Told<Answer>;
}
