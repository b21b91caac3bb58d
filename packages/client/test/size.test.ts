/** What a page downloads for the client: bundled with the codecs of the wire, minified, compressed. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

async function gzippedBytes(entry: string): Promise<number> {
  const input = fileURLToPath(new URL(`../dist/${entry}.js`, import.meta.url));
  await using bundle = await rolldown({ input, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  const code = output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('');
  expect(code).toContain('EVENT_MISSING');
  return gzipSync(code, { level: 9 }).length;
}

describe('the size of the client', () => {
  it('is below 14 kB gzipped', async () => {
    expect(await gzippedBytes('index')).toBeLessThan(14 * 1024);
  });

  it('is below 11.5 kB gzipped with Server-Sent Events alone', async () => {
    expect(await gzippedBytes('sse')).toBeLessThan(11.5 * 1024);
  });
});
