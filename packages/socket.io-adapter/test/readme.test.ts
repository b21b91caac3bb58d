/** The example of the README, run as it stands but for the port and the file. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServerProcess } from '@fanfare/testkit';
import { afterAll, expect, it } from 'vitest';
import { Client } from './io-support.ts';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
let folder = '';
afterAll(() => rm(folder, { recursive: true, force: true }));

it('the example of the README works', async () => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const example = code
    .replace("'data/fanfare.db'", "process.env.FANFARE_DATA + '/fanfare.db'")
    .replace('listen(3001)', "listen(Number(process.env.PORT), '127.0.0.1')");
  expect(example.match(/process\.env/g)?.length).toBe(2);
  // Inside the package, so that its imports are found as a user's would be.
  folder = await mkdtemp(join(PACKAGE, 'dist', 'readme-'));
  const script = join(folder, 'example.mjs');
  await writeFile(script, example);
  await using server = await startServerProcess({ script });
  const client = await new Client(server.url, {}).connected();
  client.socket.emit('join', 'lobby');
  const stream = await fetch(`${server.url}/live/sse?channel=room:lobby`);

  expect(stream.status).toBe(200);
  expect(client.socket.connected).toBe(true);
  await stream.body?.cancel();
  client.socket.disconnect();
});
