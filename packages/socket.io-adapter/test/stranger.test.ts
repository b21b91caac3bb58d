/**
 * A stranger's app: the packages as `npm pack` makes them, in a folder that knows nothing of this repository, beside what their
 * manifests ask for and no more. It type-checks, and it runs.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startServerProcess } from '@fanfare/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Client } from './io-support.ts';

const run = promisify(execFile);
const WORKSPACE = fileURLToPath(new URL('../../..', import.meta.url));
const OURS = ['@fanfare/protocol', 'fanfare', '@fanfare/socket.io-adapter'];

const APP = `import { createServer } from 'node:http';
import { type AdapterOptions, closeCodeOf, createAdapter, hardenedOptions, hubConnection, socketIoChannels } from '@fanfare/socket.io-adapter';
import { createFanfare, log, memory } from 'fanfare';
import { Server } from 'socket.io';

const live = createFanfare({ engine: memory(), channels: { ...socketIoChannels(), 'room:{name}': log({ access: 'public' }) } });
const options: AdapterOptions = { live, channelOf: (room) => (room.startsWith('room:') ? room : undefined) };
const server = createServer(live.handler);
const io = new Server(server, { ...hardenedOptions(), connectionStateRecovery: { skipMiddlewares: false }, adapter: createAdapter(options) });
io.on('connection', (socket) => {
  socket.on('join', async (room: string, done: (id: string | undefined) => void) => {
    await socket.join(\`room:\${room}\`);
    done(hubConnection(socket)?.id);
  });
  socket.on('disconnect', (reason) => console.log(closeCodeOf(socket, reason).toFixed()));
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
`;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stranger-'));
  const packed = OURS.flatMap((name) => ['-w', name]);
  await run('npm', ['pack', '--silent', '--pack-destination', folder, ...packed], { cwd: WORKSPACE });
  const needed = new Set(['socket.io', '@types/node', 'undici-types']);
  for (const name of OURS) {
    const target = join(folder, 'node_modules', name);
    await mkdir(target, { recursive: true });
    const tarball = `${name.replace('@', '').replace('/', '-')}-0.1.0.tgz`;
    await run('tar', ['-xzf', join(folder, tarball), '-C', target, '--strip-components=1']);
    const { dependencies, peerDependencies = {} } = JSON.parse(await readFile(join(target, 'package.json'), 'utf8'));
    for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) needed.add(dependency);
  }
  // What others publish is taken from here: a package that no manifest asks for is not there.
  for (const name of [...needed].filter((each) => !OURS.includes(each))) {
    const target = join(folder, 'node_modules', name);
    await mkdir(dirname(target), { recursive: true });
    await symlink(join(WORKSPACE, 'node_modules', name), target);
  }
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'app.ts'), APP);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('the package has its licence, its sources for whoever debugs, and nothing of our tests', async () => {
  const target = join(folder, 'node_modules/@fanfare/socket.io-adapter');

  expect((await readdir(target)).sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'src']);
  expect((await readdir(join(target, 'dist'))).filter((name) => /test|readme/.test(name))).toEqual([]);
  expect(await readFile(join(target, 'LICENSE'), 'utf8')).toBe(await readFile(join(WORKSPACE, 'LICENSE'), 'utf8'));
});

it("a stranger's app type-checks against it, and works with a stock client", async () => {
  const options = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--lib', 'es2023', '--types', 'node'];
  await run(process.execPath, [join(WORKSPACE, 'node_modules/typescript/bin/tsc'), ...options, 'app.ts'], {
    cwd: folder,
  }).catch((error: { readonly stdout: string }) => {
    throw new Error(error.stdout);
  });
  await using server = await startServerProcess({ script: join(folder, 'app.js') });
  const client = await new Client(server.url, {}).connected();
  expect(await client.socket.emitWithAck('join', 'lobby')).toEqual(expect.any(String));
  const stream = await fetch(`${server.url}/live/sse?channel=room:lobby`);

  expect(stream.status).toBe(200);
  await stream.body?.cancel();
  client.socket.disconnect();
  await expect.poll(() => server.output, { timeout: 10_000 }).toContain('1000');
}, 120_000);
