import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { compare } from '../runner/compare.mjs';
import { summarise } from '../runner/summary.mjs';

const out = mkdtempSync(join(tmpdir(), 'fanfare-bench-test-'));
const bench = fileURLToPath(new URL('../run.mjs', import.meta.url));

afterAll(() => rmSync(out, { recursive: true, force: true }));

describe('npm run bench', () => {
  test('measures the server and a peer over both wires, and writes runs and a report', () => {
    const args = ['--rounds', '1', '--duration', '200', '--scenarios', 'fan-out-100', '--out', out, 'bare', 'fanfare'];

    const { status, stdout, stderr } = spawnSync(process.execPath, [bench, ...args], { encoding: 'utf8' });

    expect(stderr).not.toContain('Error');
    expect(status).toBe(0);
    for (const server of ['bare Node sse', 'bare Node ws', 'fanfare sse', 'fanfare ws'])
      expect(stdout).toContain(server);
    const runs = readFileSync(join(out, 'runs.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(runs.map(({ peer, wire }) => `${peer}:${wire}`)).toEqual([
      'bare:sse',
      'bare:ws',
      'fanfare:sse',
      'fanfare:ws',
    ]);
    for (const { result } of runs)
      expect(result).toMatchObject({ surplus: 0, deliveriesPerSecond: expect.any(Number) });
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('100 subscribers of one channel');
  });

  test.each([
    ['a server that nobody knows', ['nosuch'], 'unknown server nosuch'],
    ['a load that nobody knows', ['--scenarios', 'nosuch'], 'unknown scenario nosuch'],
    ['one run to compare', ['--compare', 'a'], '--compare takes two files'],
    ['runs that are none', ['--compare', 'nosuch', 'nosuch'], 'nosuch is no runs.jsonl'],
    ['no rounds', ['--rounds', '0'], '--rounds takes a whole number above 0'],
  ])('refuses %s', (_what, args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [bench, ...args], { encoding: 'utf8' });

    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('the summary', () => {
  test('takes ratios within a round, and then their median', () => {
    const run = (round, peer, cpuUsPerDelivery) => ({
      round,
      scenario: 'fan-out-1000',
      peer,
      wire: 'sse',
      result: { cpuUsPerDelivery },
    });
    // The machine was three times as slow in the second round: no ratio may cross it.
    const runs = [
      run(0, 'bare', 4),
      run(0, 'fanfare', 6),
      run(1, 'bare', 12),
      run(1, 'fanfare', 18),
      run(2, 'bare', 4),
      run(2, 'fanfare', 8),
    ];

    const [{ rows }] = summarise(runs);

    expect(rows.map(({ peer, median, ratio, rounds }) => ({ peer, median, ratio, rounds }))).toEqual([
      { peer: 'bare', median: 4, ratio: 1, rounds: 3 },
      { peer: 'fanfare', median: 8, ratio: 1.5, rounds: 3 },
    ]);
  });

  test('takes for base the same wire, where it ran', () => {
    const run = (peer, wire, cpuUsPerDelivery) => {
      return { round: 0, scenario: 'fan-out-1000', peer, wire, result: { cpuUsPerDelivery } };
    };

    const [{ rows }] = summarise([
      ...[run('bare', 'sse', 4), run('bare', 'ws', 8)],
      ...[run('fanfare', 'ws', 12), run('fanfare', 'sse', 12)],
    ]);

    const ratios = Object.fromEntries(rows.map(({ peer, wire, ratio }) => [`${peer}:${wire}`, ratio]));
    expect(ratios).toEqual({ 'bare:sse': 1, 'bare:ws': 1, 'fanfare:sse': 3, 'fanfare:ws': 1.5 });
  });

  test('counts a run that failed, and leaves it out of every figure', () => {
    const failed = { round: 0, scenario: 'storm', peer: 'ws', wire: 'ws', result: { error: 'closed' } };

    const [{ rows }] = summarise([failed]);

    expect(rows).toMatchObject([{ rounds: 0, errors: ['closed'] }]);
  });
});

describe('comparing two runs', () => {
  const runs = (figures) =>
    Object.entries(figures).map(([peer, cpuUsPerDelivery]) => {
      return { round: 0, scenario: 'fan-out-1000', peer, wire: 'sse', result: { cpuUsPerDelivery } };
    });

  test('marks ratios that are further apart than 15 per cent, whichever is the larger, and no times', () => {
    // The machine was twice as slow the second time.
    const first = runs({ bare: 4, fanfare: 6, naive: 8, nchan: 8, ws: 4 });
    const second = runs({ bare: 8, fanfare: 13, naive: 20, nchan: 12, socketio: 9 });

    const rows = compare(first, second);

    expect(rows.map(({ server, first, second, differs }) => ({ server, first, second, differs }))).toEqual([
      { server: 'bare Node', first: 1, second: 1, differs: false },
      { server: 'fanfare', first: 1.5, second: 1.625, differs: false },
      { server: 'res.write', first: 2, second: 2.5, differs: true },
      { server: 'nginx + nchan', first: 2, second: 1.5, differs: true },
    ]);
  });

  test('shows the figures themselves where a run has nothing to divide by', () => {
    const [row] = compare(runs({ fanfare: 6 }), runs({ fanfare: 9 }));

    expect(row).toMatchObject({ first: 6, second: 9, apart: 0.5, differs: true });
    expect(row.what).not.toBe('x bare');
    expect(compare(runs({ fanfare: 6 }), runs({ fanfare: undefined }))).toEqual([]);
  });

  test('prints what two runs of a bench measured, with a mark at what differs', () => {
    const files = [runs({ bare: 4, fanfare: 6, ws: 4 }), runs({ bare: 4, fanfare: 4 })].map((of, index) => {
      const file = join(out, `compared-${index}.jsonl`);
      writeFileSync(file, of.map((run) => `${JSON.stringify(run)}\n`).join(''));
      return file;
    });

    const { status, stdout } = spawnSync(process.execPath, [bench, '--compare', ...files], { encoding: 'utf8' });

    expect(status).toBe(0);
    expect(stdout).toMatch(/fan-out-1000 \| bare Node sse \| +1\.00 \| +1\.00 \| x bare \| +\+0 % \| +\|/);
    expect(stdout).toMatch(/fan-out-1000 \| fanfare sse +\| +1\.50 \| +1\.00 \| x bare \| +-33 % \| +<- \|/);
    expect(stdout).toContain('2 figures, 1 more than 15 % apart; 1 are in one of the two alone.');
  });
});
