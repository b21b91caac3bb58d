/** docs/reference/client.md tells the truth: its examples compile, its codes are the code's. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/reference/client.md');
const folder = new URL('../src/', import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(`../src/${name}`));
const publishing = read('../src/publish-queue.ts');

describe('the reference of the client', () => {
  it('has examples that are, word for word, in files that compile', () => {
    const compiled = ['first', 'more'].map((name) => read(`./examples/${name}.ts`)).join('\n');
    const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

    // Imports of what the page assumes are left out of an example.
    const lines = compiled.replace(/^import .* from '\.\/.*;\n/gm, '');
    expect(examples.length).toBeGreaterThan(5);
    for (const example of examples) expect(lines).toContain(example);
  });

  it('names every reason that the client gives by itself', () => {
    const codes = sources.flatMap((source) => [...source.matchAll(/(?:code: |because\()'([A-Z][A-Z_]+)'/g)]);
    const undocumented = codes.map(([, code = '']) => code).filter((code) => !page.includes(`\`${code}\``));

    expect(codes.length).toBeGreaterThan(6);
    expect(undocumented).toEqual([]);
  });

  it('names every error that onError hears from the client itself', () => {
    const own = sources.filter((source) => source !== publishing);
    const codes = own.flatMap((source) => [...source.matchAll(/(?:new ClientError|errorOf)\('([A-Z_]+)'/g)]);

    expect(new Set(codes.map(([, code]) => code))).toEqual(
      new Set(['HANDLER_FAILED', 'FRAME_INVALID', 'TOKEN_FAILED']),
    );
    for (const [, code = ''] of codes) expect(page).toContain(`\`${code}\``);
  });

  it('names every code that a publish fails with by itself', () => {
    const codes = new Set([...publishing.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'/g)].map(([, code = '']) => code));

    expect(codes).toEqual(new Set(['ABORTED', 'CLOSED', 'PAYLOAD_INVALID', 'PUBLISH_TIMEOUT', 'QUEUE_FULL']));
    for (const code of codes) expect(page).toContain(`\`${code}\``);
  });
});
