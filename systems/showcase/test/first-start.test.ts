/** The first minutes of a newcomer, and what a crash leaves of them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { ServerProcess } from '@fanfare/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { logIn, post, START, startShowcase } from './start.ts';

const WITHIN = { timeout: 30_000 };

let shared: Promise<ServerProcess> | undefined;
/** The first life of a server, for who only looks at it. */
function running(): Promise<ServerProcess> {
  shared ??= startShowcase();
  return shared;
}
afterAll(async () => {
  await (await shared)?.[Symbol.asyncDispose]();
});

describe('npm start', () => {
  it('says where to look, who to be and what to try, once, and where the key is, but not the key: this is no terminal', async () => {
    await using server = await startShowcase();
    await expect.poll(() => server.output, WITHIN).toContain('Ctrl+C');
    const key = readFileSync(join(server.dataFolder, 'api-key'), 'utf8').trim();
    const first = server.output;
    expect(first).toContain(`Fanfare is live at http://localhost:${server.port}`);
    expect(first).toContain('admin, organiser, umpire, display, spectator: password demo');
    expect(first).toContain('PIN 1234');
    expect(first).not.toContain(key);
    expect(first).toContain(join(server.dataFolder, 'api-key'));
    expect(first).toContain(`/live/sse?channel=public:hello`);

    server.output = '';
    await server.crashAndRestart();

    await expect.poll(() => server.output, WITHIN).toContain('Ctrl+C');
    expect(server.output).toContain(`Fanfare is live at http://localhost:${server.port}`);
    expect(server.output).not.toContain('password demo');
    expect(server.output).not.toContain('PIN 1234');
    expect(server.output).not.toContain(key);
    expect(server.output).toContain(join(server.dataFolder, 'api-key'));
  });

  it('welcomes people before it logs for machines', async () => {
    const server = await running();
    await expect.poll(() => server.output, WITHIN).toContain('"msg":"listening"');

    expect(server.output.trimStart()).toMatch(/^Fanfare is live/);
  });

  it('prints commands that work when they are pasted', async () => {
    const server = await running();
    await expect.poll(() => server.output, WITHIN).toContain('Ctrl+C');
    const command = /curl -X POST[^\n]*\\\n[^\n]*/.exec(server.output)?.[0] ?? '';

    const pasted = spawn('sh', ['-c', command.replace('curl', 'printf "%s\\n"')]);
    let said = '';
    pasted.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await once(pasted, 'close');
    // As curl gets them: one per line, after what the shell made of the quotes and of $(cat ...).
    const [, , url = '', , keyHeader = '', , typeHeader = '', , body = ''] = said.split('\n');

    const response = await fetch(url.replace('localhost', '127.0.0.1'), {
      method: 'POST',
      headers: Object.fromEntries([keyHeader, typeHeader].map((header) => header.split(': '))),
      body,
    });
    expect(await response.json()).toMatchObject({ ack: 'committed', duplicate: false });
  });

  it('keeps users, sessions, scores and its key over kill -9', async () => {
    await using server = await startShowcase();
    const token = await logIn(server, 'umpire');
    const bearer = { Authorization: `Bearer ${token}` };
    for (const action of ['pointA', 'pointA', 'pointB']) {
      expect((await post(server, '/api/court/1234/actions', { action }, bearer)).status).toBe(200);
    }
    const key = readFileSync(join(server.dataFolder, 'api-key'), 'utf8');

    await server.crashAndRestart();

    const me = await fetch(`${server.url}/api/me`, { headers: bearer });
    expect(await me.json()).toMatchObject({ user: { username: 'umpire' } });
    expect(await (await fetch(`${server.url}/api/court/1234`)).json()).toMatchObject({ score: [2, 1] });
    expect(readFileSync(join(server.dataFolder, 'api-key'), 'utf8')).toBe(key);
    expect(statSync(join(server.dataFolder, 'api-key')).mode & 0o077, 'for its owner only').toBe(0);
  });

  it('keeps no file of events with FANFARE_ENGINE=memory, and begins anew', async () => {
    await using server = await startShowcase({ FANFARE_ENGINE: 'memory' });
    const token = await logIn(server, 'umpire');

    await server.crashAndRestart();

    expect(existsSync(join(server.dataFolder, 'fanfare.db'))).toBe(false);
    expect((await fetch(`${server.url}/api/me`, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(401);
    expect(await logIn(server, 'umpire')).not.toBe(token);
  });

  it('ends in order on SIGTERM', async () => {
    await using server = await startShowcase();

    expect(await server.stop('SIGTERM')).toBe(0);
  });

  it('logs no password, no token and no cookie', async () => {
    await using server = await startShowcase({ FANFARE_LOG_LEVEL: 'trace', FANFARE_LOG_REQUESTS: 'true' });
    const token = await logIn(server, 'admin');
    await post(server, '/api/login', { username: 'admin', password: 'hunter2-hunter2' });
    await fetch(`${server.url}/api/me?token=${token}`, { headers: { Cookie: `fanfare_session=${token}` } });
    await fetch(`${server.url}/live/sse?channel=nobody:knows`, { headers: { Authorization: `Bearer ${token}x` } });
    await server.stop('SIGTERM');

    expect(server.output, 'requests are logged').toContain('/api/login');
    expect(server.output).not.toContain('hunter2');
    for (const part of token.split('.').slice(1)) expect(server.output).not.toContain(part);
  });
});

describe('npm start, when it cannot', () => {
  async function failing(env: Readonly<Record<string, string>>): Promise<{ code: number | null; said: string }> {
    const child = spawn(process.execPath, [START], { env: { ...process.env, NO_COLOR: '1', ...env } });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    }
    await once(child, 'close');
    return { code: child.exitCode, said };
  }

  it('says that the port is taken, and how to take another, and welcomes once it is free', async () => {
    const folder = join((await running()).dataFolder, 'never-used');
    const other = createServer().listen(0);
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    const { code, said } = await failing({ PORT: String(port), FANFARE_DATA: folder });

    other.close();
    expect(code).toBe(1);
    expect(said).toMatch(new RegExp(`Fanfare did not start: port ${port} is in use .*PORT`));
    expect(said, 'a sentence, not a stack').not.toContain('    at ');
    expect(said).not.toContain('password demo');
    await using later = await startShowcase({ FANFARE_DATA: folder });
    await expect.poll(() => later.output, WITHIN).toContain('password demo');
    expect(later.output).toContain(join(folder, 'api-key'));
  });

  it('says that another server has the data folder', async () => {
    const server = await running();

    const { code, said } = await failing({ PORT: '0', FANFARE_DATA: server.dataFolder });

    expect(code).toBe(1);
    expect(said).toMatch(/Fanfare did not start: .*fanfare\.db is in use by another process/);
    expect((await fetch(`${server.url}/healthz`)).status, 'and the other goes on').toBe(200);
  });

  it('names every setting that is wrong', async () => {
    const { code, said } = await failing({ PORT: 'http', FANFARE_ENGINE: 'papyrus' });

    expect(code).toBe(1);
    expect(said).toMatch(/PORT: port: expected .*, got "http"/);
    expect(said).toMatch(/FANFARE_ENGINE: engine: expected .*, got "papyrus"/);
  });
});
