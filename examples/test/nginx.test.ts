/** The configuration of docs/production.md, in a real nginx, for every way to connect. */
import { readFileSync } from 'node:fs';
import { findNginx, type Nginx, type ServerProcess, startNginx } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { example, Listener, publishOrder, startFanfare } from './stage.ts';

const DEADLINE = { timeout: 40_000 };
const page = readFileSync(example('../docs/production.md'), 'utf8');
const [, whole = ''] = /```nginx\n([\s\S]*?)```/.exec(page) ?? [];
const [, unbuffered = ''] = /```nginx location\n([\s\S]*?)```/.exec(page) ?? [];

let server: ServerProcess;
let order = 0;

beforeAll(async () => {
  server = await startFanfare({ FANFARE_TRUST_PROXY: '1', FANFARE_LOG_REQUESTS: 'true' });
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

describe.skipIf(findNginx() === undefined)('nginx as docs/production.md has it', { timeout: 60_000 }, () => {
  let nginx: Nginx;

  beforeAll(async () => {
    nginx = await startNginx({
      upstreamPort: server.port,
      http: ({ port, upstreamPort }) =>
        whole.replace('listen 80;', `listen 127.0.0.1:${port};`).replace('127.0.0.1:3001', `127.0.0.1:${upstreamPort}`),
    });
  });
  afterAll(async () => {
    await nginx?.[Symbol.asyncDispose]();
  });

  it('passes an event stream as it comes', async () => {
    await expectLive(nginx.url);
  });

  it('lets pages of its own origin in, and shows who asks', async () => {
    const answer = await fetch(`${nginx.url}/live/sse?channel=public:orders`, {
      headers: { Origin: nginx.url, 'X-Forwarded-For': '203.0.113.9' },
      signal: AbortSignal.timeout(20_000),
    });
    await answer.body?.cancel();

    expect(answer.status).toBe(200);
    await expect.poll(() => server.output, DEADLINE).toContain('"address":"127.0.0.1"');
    expect(server.output).not.toContain('203.0.113.9');
  });
});

describe.skipIf(findNginx() === undefined)(
  'nginx that is told to ignore what answers ask for',
  { timeout: 60_000 },
  () => {
    it('passes an event stream as it comes without its buffers', async () => {
      const location = `proxy_ignore_headers X-Accel-Buffering; ${unbuffered}`;
      await using nginx = await startNginx({ upstreamPort: server.port, location });

      await expectLive(nginx.url);
    });
  },
);

async function expectLive(url: string): Promise<void> {
  const listener = new Listener(url);
  try {
    await expect(listener.subscribed).resolves.toBeUndefined();
    order += 1;
    await publishOrder(server.url, order);
    await expect.poll(() => listener.orders, DEADLINE).toEqual([order]);
  } finally {
    listener.close();
  }
}
