/** docs/reference/attacks.md names every row, and each row is the name of a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const workspace = new URL('../../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, workspace), 'utf8');

it('docs/reference/attacks.md names the rows P1 to P11, B1, B2, B6, R1, R3, R4 and A1 to A9, each with tests of that name', () => {
  const page = read('docs/reference/attacks.md');
  const rows = [...page.matchAll(/^\| ([PBRA]\d[\w, ]*) \|/gm)].flatMap(([, ids = '']) => ids.split(', '));
  const files = readdirSync(new URL('packages/server/test/attacks/', workspace)).map(
    (name) => `packages/server/test/attacks/${name}`,
  );
  const linked = [...page.matchAll(/\]\(\.\.\/\.\.\/(\S+\.test\.ts)\)/g)].map(([, path = '']) => path);
  const sources = [...new Set([...files.filter((path) => path.endsWith('.test.ts')), ...linked])].map(read).join('\n');

  expect(rows).toEqual([...numbered('P', 11), 'B1', 'B2', 'B6', 'R1', 'R3', 'R4', ...numbered('A', 9)]);
  for (const id of rows) expect(sources, id).toMatch(new RegExp(`(?:describe|it)[^\\n]*\\(\\s*['\`]${id} `));
});

it('every group of tests of a row A has its id in its name, and is linked from that row', () => {
  const page = read('docs/reference/attacks.md');
  for (const id of numbered('A', 9)) {
    const row = page.split('\n').find((line) => line.startsWith(`| ${id} |`)) ?? '';
    const [, path = ''] = /\]\(\.\.\/\.\.\/(\S+\.test\.ts)\)/.exec(row) ?? [];
    const groups = read(path).match(/^(?:describe|it)\b.*$/gm) ?? [];

    expect(path).toMatch(new RegExp(`/auth/${id.toLowerCase()}-`));
    expect(groups.length, id).toBeGreaterThan(0);
    for (const group of groups) expect(group, path).toMatch(new RegExp(`\\('${id} `));
  }
});

function numbered(letter: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => `${letter}${n + 1}`);
}
