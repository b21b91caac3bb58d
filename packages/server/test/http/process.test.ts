import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { startServerProcess } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { rawConnection } from './http-fixture.ts';

const script = fileURLToPath(new URL('./process-child.mjs', import.meta.url));

describe('a server that owns its process', () => {
  it.each(['/throw', '/reject'])('ends at once with exit code 1 and a line in the log after %s', async (path) => {
    await using server = await startServerProcess({ script });

    await expect(fetch(server.url + path)).rejects.toThrow();

    expect(await server.stop()).toBe(1);
    expect(server.output).toMatch(/"level":60,.*nobody catches this.*"msg":"uncaught exception, ending"/);
  });

  it('ends at once on a second signal, while a request still hangs', async () => {
    await using server = await startServerProcess({ script });
    const hanging = rawConnection(server.port, 'GET /hang HTTP/1.1\r\nHost: x\r\n\r\n');
    await expect.poll(() => server.output).toContain('"msg":"hanging"');

    process.kill(server.pid ?? 0, 'SIGTERM');
    await expect.poll(() => server.output).toContain('"msg":"ending"');
    const startedAt = performance.now();
    const code = await server.stop('SIGINT');

    expect(code).toBe(1);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    hanging.socket.destroy();
  });

  it('gives what hangs the time of the drain and a second, and not a time of its own behind it', async () => {
    await using server = await startServerProcess({ script });
    const silent = rawConnection(server.port, '');
    const hanging = rawConnection(server.port, 'GET /hang HTTP/1.1\r\nHost: x\r\n\r\n');
    const half = rawConnection(server.port, 'GET /healthz HTTP/1.1\r\nHo');
    // Sent away over 5 s.
    const streams = Array.from({ length: 250 }, () =>
      rawConnection(server.port, 'GET /live/sse?channel=public:a HTTP/1.1\r\nHost: x\r\n\r\n'),
    );
    await expect.poll(() => server.output, { timeout: 10_000 }).toContain('"msg":"hanging"');
    await expect.poll(() => streams.every(({ text }) => text().includes('connected')), { timeout: 10_000 }).toBe(true);

    const startedAt = performance.now();
    const code = await server.stop('SIGTERM');

    expect(code).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(9000);
    for (const { socket } of [silent, hanging, half, ...streams]) socket.destroy();
  }, 40_000);

  it('serves on, and ends, where nobody reads its log', async () => {
    // A shell's pipe to a reader that has stopped: its writer blocks once it is full.
    const port = await freePort();
    const command = `exec "$0" "$1" | { read -r line; exec sleep 60; }`;
    const shell = spawn('sh', ['-c', command, process.execPath, script], {
      stdio: 'ignore',
      env: { ...process.env, PORT: String(port) },
      detached: true,
    });
    try {
      const get = async (path: string): Promise<Response> =>
        fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) });
      const pid = await vi.waitFor(async () => Number(await (await get('/pid')).text()), { timeout: 20_000 });
      await get('/log?lines=20000');
      expect((await get('/healthz')).status).toBe(200);

      process.kill(pid, 'SIGTERM');

      await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 12_000 });
    } finally {
      // All of its group: the shell, the server and the reader.
      if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
    }
  }, 40_000);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
