/** docs/reference/react.md tells the truth: its examples compile, and it knows every name there is. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/reference/react.md');

/** Lines without their indentation: an example in the page stands further left than in its function. */
function flat(code: string): string {
  return code
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

describe('the reference of React', () => {
  it('has examples that are, word for word, in files that compile', () => {
    const compiled = ['first', 'more'].map((name) => read(`./examples/${name}.tsx`)).join('\n');
    const examples = [...page.matchAll(/```tsx\n([\s\S]*?)```/g)].map(([, code = '']) => code);

    // Imports of what the page assumes are left out of an example.
    const lines = flat(compiled.replace(/^import .* from '\.\/.*;\n/gm, ''));
    expect(examples.length).toBeGreaterThan(8);
    for (const example of examples) expect(lines).toContain(flat(example));
  });

  it('says something of every hook, component and function of the package', () => {
    const exported = [...read('../src/index.ts').matchAll(/export \{([^}]+)\}/g)].flatMap(([, list = '']) =>
      list.split(','),
    );
    const values = exported.map((name) => name.trim()).filter((name) => name !== '' && !name.startsWith('type '));
    const unsaid = values.filter((name) => !page.includes(`\`${name}`) && !page.includes(`<${name}`));

    expect(values.length).toBeGreaterThan(25);
    expect(unsaid).toEqual([]);
  });

  it('names every reason that the badge has words for', () => {
    const words = read('../src/connection-words.ts');
    const known = new Set([...words.matchAll(/^ {4,6}([A-Z][A-Z_0-9]+):/gm)].map(([, code = '']) => code));
    const unsaid = [...known].filter((code) => !page.includes(`\`${code}\``));

    expect(known.size).toBeGreaterThan(12);
    expect(unsaid).toEqual([]);
  });

  it('is of a badge that has words for every reason that comes from the client without any', () => {
    const folder = new URL('../../client/src/', import.meta.url);
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      // What a publish fails with is never the connection's reason.
      .filter((name) => name.endsWith('.ts') && name !== 'publish-queue.ts')
      .map((name) => read(`../../client/src/${name}`));
    const codes = new Set(
      sources.flatMap((source) => [...source.matchAll(/because\('([A-Z_]+)'\)/g)].map(([, code = '']) => code)),
    );
    const words = read('../src/connection-words.ts');
    const wordless = [...codes].filter((code) => words.split(`${code}:`).length < 3);

    expect(codes.size).toBeGreaterThan(10);
    expect(wordless).toEqual([]);
  });

  it('is right about the styles that one may import, and about the keys', () => {
    for (const file of readdirSync(new URL('../src/styles/', import.meta.url))) expect(page).toContain(`\`${file}\``);
    for (const key of ['fanfare.language', 'fanfare.theme', 'fanfare.alerts']) {
      expect(page).toContain(`\`${key}\``);
      const sources = ['language.ts', 'theme.ts', 'alerts.ts'].map((name) => read(`../src/${name}`));
      expect(sources.join('\n')).toContain(`'${key}'`);
    }
  });
});
