/** What a page downloads for the client: bundled, minified, compressed. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

const ENTRY = fileURLToPath(new URL('../dist/index.js', import.meta.url));

async function gzippedBytes(external: readonly string[]): Promise<number> {
  await using bundle = await rolldown({ input: ENTRY, external: [...external], platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  const code = output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('');
  expect(code).toContain('EVENT_MISSING');
  return gzipSync(code, { level: 9 }).length;
}

describe('the size of the client', () => {
  it('is below 7.5 kB gzipped by itself', async () => {
    expect(await gzippedBytes(['@fanfare/protocol'])).toBeLessThan(7.5 * 1024);
  });

  it('is below 10 kB gzipped with the codecs of the wire', async () => {
    expect(await gzippedBytes([])).toBeLessThan(10 * 1024);
  });
});
