import { fileURLToPath } from 'node:url';
import { startServerProcess } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
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
});
