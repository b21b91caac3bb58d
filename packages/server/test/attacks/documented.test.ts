/** docs/reference/attacks.md names every row, and each row is the name of a test. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const workspace = new URL('../../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, workspace), 'utf8');

it('docs/reference/attacks.md names the rows P1 to P11, B1, B2, B6, R1, R3 and R4, each with tests of that name', () => {
  const page = read('docs/reference/attacks.md');
  const rows = [...page.matchAll(/^\| ([PBR]\d[\w, ]*) \|/gm)].flatMap(([, ids = '']) => ids.split(', '));
  const files = readdirSync(new URL('packages/server/test/attacks/', workspace)).map(
    (name) => `packages/server/test/attacks/${name}`,
  );
  const linked = [...page.matchAll(/\]\(\.\.\/\.\.\/(\S+\.test\.ts)\)/g)].map(([, path = '']) => path);
  const sources = [...new Set([...files.filter((path) => path.endsWith('.test.ts')), ...linked])].map(read).join('\n');

  expect(rows).toEqual([...Array.from({ length: 11 }, (_, n) => `P${n + 1}`), 'B1', 'B2', 'B6', 'R1', 'R3', 'R4']);
  for (const id of rows) expect(sources, id).toMatch(new RegExp(`(?:describe|it)[^\\n]*\\(\\s*['\`]${id} `));
});
