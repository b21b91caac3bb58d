/** The example of docs/getting-started.md is run as it is printed there. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@fanfare/client';
import { startServerProcess } from '@fanfare/testkit';
import { expect, it, onTestFinished } from 'vitest';

const DOCUMENT = new URL('../../../docs/getting-started.md', import.meta.url);
/** Beside our own files, where its imports resolve. */
const SCRIPT = fileURLToPath(new URL('../dist/getting-started.mjs', import.meta.url));

it('the embedding example of the guide serves its channels, in 15 lines', async () => {
  const example = /```js embed\n([\s\S]*?)```/.exec(readFileSync(DOCUMENT, 'utf8'))?.[1] ?? '';
  expect(example.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15);
  const folder = mkdtempSync(join(tmpdir(), 'fanfare-guide-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // Its data folder is relative to where it runs: here, a temporary one.
  writeFileSync(SCRIPT, `process.chdir(${JSON.stringify(folder)});\n${example}`);

  await using server = await startServerProcess({ script: SCRIPT });

  const client = createClient({ url: server.url });
  const values: unknown[] = [];
  client.channel('stock:lamp').on('state', (value) => values.push(value));
  await expect.poll(() => values, { timeout: 10_000 }).toEqual([{ left: 3 }]);
  client.close();
  expect(await (await fetch(`${server.url}/anything`)).text()).toBe('your application');
});
