/** `npm run test:ws:health` and `npm run test:ws` against a server that is well, one that is not, and none. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { clientsOf, startRooms, TIMEOUT } from './rooms-support.ts';

const WORKSPACE = fileURLToPath(new URL('../../..', import.meta.url));

function run(script: string, url: string): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, URL: url };
    const child = execFile('npm', ['run', '--silent', script], { cwd: WORKSPACE, env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, text: stdout + stderr }),
    );
  });
}

describe.each([
  ['test:ws:health', 'Health: 6 of 6 held.'],
  ['test:ws', 'Contract: 20 of 20 held.'],
])('npm run %s', (script, verdict) => {
  it('says ok, with exit code 0, and leaves nothing behind', async () => {
    await using server = await startRooms();

    const { code, text } = await run(script, server.url);

    expect(text).toContain(verdict);
    expect(text).not.toContain('FAIL');
    expect(code).toBe(0);
    await vi.waitFor(() => expect(clientsOf(server)).toEqual([]), TIMEOUT);
    expect(server.rooms.getConnectedCount()).toBe(0);
  });

  it('says what does not hold, with exit code 1', async () => {
    await using server = await startRooms({ rooms: { maxRooms: 0, servesHealth: false } });

    const { code, text } = await run(script, server.url.replace('http', 'ws'));

    expect(text).toMatch(/FAIL {2}.+\n.+/);
    expect(code).toBe(1);
    await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(0), TIMEOUT);
  });

  it('says that nobody is there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));

    const { code, text } = await run(script, `http://127.0.0.1:${port}`);

    expect(text).toContain(`cannot connect to ws://127.0.0.1:${port}/ws`);
    expect(code).toBe(1);
  });
});
