/** What a page shows as an example file is that file, the list of examples is whole, and an example is short. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { example } from './stage.ts';

/** A page shows a file whole, and says so: `<!-- This is examples/go/publish.go. -->` before the block. */
const CLAIM = /<!-- This (?:file )?is (\S+?)[.:]? .*?-->\s*```\w+[^\n]*\n([\s\S]*?)```/g;
const MAX_LINES = 25;
/** Beside the examples: what runs them. */
const OTHERS = ['README.md', 'tsconfig.json', 'dist', 'test'];

const examples = readdirSync(example('.'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(example('.'), join(entry.parentPath, entry.name)))
  .filter((path) => !OTHERS.includes(path.split('/')[0] ?? ''));

const pages = ['README.md', 'examples/README.md', ...documents('docs')];

describe('the examples', () => {
  it('are shown in the documents word for word', () => {
    const claims = pages.flatMap((page) =>
      [...read(page).matchAll(CLAIM)].map(([, file = '', shown = '']) => ({ page, file, shown })),
    );

    expect(claims.length).toBeGreaterThan(5);
    for (const { page, file, shown } of claims) expect(shown, `${file} in ${page}`).toBe(read(file));
  });

  it('are all in the list', () => {
    const list = read('examples/README.md');

    expect(examples.length).toBeGreaterThan(8);
    expect(examples.filter((path) => !list.includes(`](${path})`))).toEqual([]);
  });

  it.each(examples)('are short: %s', (path) => {
    const lines = codeOf(read(`examples/${path}`));

    expect(lines.length).toBeGreaterThan(3);
    expect(lines.length).toBeLessThanOrEqual(MAX_LINES);
  });
});

/** Lines that hold code: no comments, no imports, no lines of brackets alone, and of a page only what is in its scripts. */
function codeOf(text: string): readonly string[] {
  const scripts = [...text.matchAll(/<script(?! type="importmap")[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, code = '']) => code,
  );
  const code = scripts.length > 0 ? scripts.join('\n') : text.replace(/^import \([\s\S]*?^\)/m, '');
  return code.split('\n').filter((line) => /\w/.test(line) && !/^\s*(?:\/\/|#|<\?php|import |package )/.test(line));
}

function documents(folder: string): string[] {
  return readdirSync(example(`../${folder}`), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `${folder}/${path}`);
}

function read(path: string): string {
  return readFileSync(example(`../${path}`), 'utf8');
}
