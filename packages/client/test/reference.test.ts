/** docs/reference/client.md tells the truth: its examples compile, its codes are the code's. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../src/connection-phase.ts';
import { LADDER_RULES } from '../src/ladder.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const page = read('../../../docs/reference/client.md');
const folder = new URL('../src/', import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => read(`../src/${name}`));
const publishing = read('../src/publish-queue.ts');
/** Codes whose row says what happened, and what to do. */
const explained = new Set(
  [...page.matchAll(/^\| `([A-Z][A-Z_0-9]+)`[^|]*\| [^|]+ \| [^|]+ \|$/gm)].map(([, code]) => code),
);

describe('the reference of the client', () => {
  it('has examples that are, word for word, in files that compile', () => {
    const compiled = ['first', 'more'].map((name) => read(`./examples/${name}.ts`)).join('\n');
    const examples = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);

    // Imports of what the page assumes are left out of an example.
    const lines = compiled.replace(/^import .* from '\.\/.*;\n/gm, '');
    expect(examples.length).toBeGreaterThan(5);
    for (const example of examples) expect(lines).toContain(example);
  });

  it('says of every reason that the client gives by itself what to do', () => {
    const codes = sources.flatMap((source) => [...source.matchAll(/(?:code: |because\()'([A-Z][A-Z_]+)'/g)]);
    const undocumented = codes.map(([, code = '']) => code).filter((code) => !explained.has(code));

    expect(codes.length).toBeGreaterThan(6);
    expect(undocumented).toEqual([]);
  });

  it('says of every error that onError hears from the client itself what to do', () => {
    const own = sources.filter((source) => source !== publishing);
    const codes = own.flatMap((source) => [...source.matchAll(/(?:new ClientError|errorOf)\('([A-Z_]+)'/g)]);

    expect(new Set(codes.map(([, code]) => code))).toEqual(
      new Set(['HANDLER_FAILED', 'FRAME_INVALID', 'TOKEN_FAILED']),
    );
    for (const [, code = ''] of codes) expect(explained).toContain(code);
  });

  it('says of every code that a publish fails with by itself what to do', () => {
    const codes = new Set([...publishing.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'/g)].map(([, code = '']) => code));

    expect(codes).toEqual(new Set(['ABORTED', 'CLOSED', 'PAYLOAD_INVALID', 'PUBLISH_TIMEOUT', 'QUEUE_FULL']));
    for (const code of codes) expect(explained).toContain(code);
  });

  it('knows the default of every rule', () => {
    const rules = { ...DEFAULT_RULES, ...LADDER_RULES };

    for (const [name, value] of Object.entries(rules)) {
      const written = value < 10_000 ? `${value}` : `${value / 1000} 000`;
      expect(page).toContain(`\`${name}\` (${written})`);
    }
  });
});
