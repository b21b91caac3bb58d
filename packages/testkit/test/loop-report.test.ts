/** The judge of attacked loops: it must see what a server does to itself, and nothing of what the machine does. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { LEAST_TURNS, type LoopReport, lateness, latenessOf } from '../src/loop-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'fanfare-loop-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const WATCH = fileURLToPath(new URL('../dist/loop-watch.js', import.meta.url));

/** What a process tells that does this now and then. */
async function reportOf(what: string): Promise<LoopReport> {
  const file = join(folder, 'watched.mjs');
  writeFileSync(file, `const again = () => { ${what}; setTimeout(again, 100); }; again();`);
  const child = fork(file, { execArgv: ['--import', WATCH] });
  const ask = async (): Promise<LoopReport> => {
    const told: Promise<LoopReport[]> = once(child, 'message');
    child.send('loop?');
    const [report] = await told;
    if (report === undefined) throw new Error('nothing is told');
    return report;
  };
  try {
    // What a start costs is in the first.
    await ask();
    return await ask();
  } finally {
    child.kill();
  }
}

describe('the loop of a process', () => {
  it('at rest is in time, and judged by turns enough', async () => {
    const report = await reportOf('');

    expect(lateness(report)).toBeUndefined();
    expect(report.turns).toBeGreaterThanOrEqual(LEAST_TURNS);
  });

  it.each([
    [
      'computes',
      'const spent = () => process.cpuUsage().user + process.cpuUsage().system; const end = spent() + 80_000; while (spent() < end)',
    ],
    ['waits for a disk', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 90)'],
  ])('that %s for a moment now and then is late', async (_, what) => {
    expect(lateness(await reportOf(what))).toMatch(/^p99 of \d/);
  });
});

describe('how late a turn is', () => {
  const MS = 1e6;
  const asleep = 5 * MS;

  it.each([
    ['nothing, where it slept', { elapsed: 5, ran: 0, waited: 0, helperWaited: 0 }, 0],
    ['what it computed', { elapsed: 105, ran: 100, waited: 0, helperWaited: 0 }, 100],
    ['what it was blocked for', { elapsed: 105, ran: 0, waited: 0, helperWaited: 0 }, 100],
    ['not what it stood in line for', { elapsed: 105, ran: 10, waited: 90, helperWaited: 0 }, 10],
    ['not what it waited for a helper that stood in line', { elapsed: 105, ran: 10, waited: 0, helperWaited: 90 }, 10],
    ['what it computed while a helper stood in line', { elapsed: 105, ran: 100, waited: 0, helperWaited: 95 }, 100],
    ['what a helper has not stood in line for', { elapsed: 105, ran: 10, waited: 0, helperWaited: 20 }, 80],
    ['not what both stood in line for, twice', { elapsed: 105, ran: 30, waited: 60, helperWaited: 100 }, 30],
  ])('%s', (_, { elapsed, ran, waited, helperWaited }, late) => {
    const turn = { elapsed: elapsed * MS, ran: ran * MS, waited: waited * MS, helperWaited: helperWaited * MS };

    expect(latenessOf({ ...turn, asleep }) / MS).toBe(late);
  });
});
