/** The configuration of docs/production.md, in a real nginx, for every way to connect. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Client, type ClientOptions, createClient } from '@fanfare/client';
import {
  findNginx,
  findRedis,
  NGINX_DEAF,
  type Nginx,
  type ServerProcess,
  startNginx,
  startRedis,
} from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { example, publishOrder, startFanfare } from './stage.ts';

const DEADLINE = { timeout: 40_000 };
const page = readFileSync(example('../docs/production.md'), 'utf8');
const [, whole = ''] = /```nginx\n([\s\S]*?)```/.exec(page) ?? [];
const [, twoServers = ''] = /```nginx upstream\n([\s\S]*?)```/.exec(page) ?? [];
const [, tls = ''] = /```nginx tls\n([\s\S]*?)```/.exec(page) ?? [];
const [, unbuffered = ''] = /```nginx location\n([\s\S]*?)```/.exec(page) ?? [];

let server: ServerProcess;
let order = 0;

beforeAll(async () => {
  server = await startFanfare({ FANFARE_TRUST_PROXY: '1', FANFARE_LOG_REQUESTS: 'true' });
}, 90_000);
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

  it.each(['ws', 'sse', 'poll'] as const)('passes %s', async (transport) => {
    const client = await expectLive({ url: nginx.url, transports: [transport] });

    expect(client.connection).toMatchObject({ status: transport === 'poll' ? 'polling' : 'live', transport });
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

describe.skipIf(findNginx() === undefined)('nginx with the TLS of docs/production.md', { timeout: 60_000 }, () => {
  it('lets the pages of the https origin in, and those of the http one not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fanfare-tls-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=live.example.com', '-days', '2'];
    expect(spawnSync('openssl', [...make, '-keyout', key, '-out', cert]).status).toBe(0);
    const env = { FANFARE_TRUST_PROXY: '1', FANFARE_PUBLIC_ORIGINS: 'https://live.example.com' };
    await using behind = await startFanfare(env);
    await using nginx = await startNginx({
      upstreamPort: behind.port,
      http: ({ port, upstreamPort }) =>
        whole
          .replace('listen 80;', tls)
          .replace('listen 443', `listen 127.0.0.1:${port}`)
          .replace(/\/etc\S+fullchain\.pem/, cert)
          .replace(/\/etc\S+privkey\.pem/, key)
          .replace('127.0.0.1:3001', `127.0.0.1:${upstreamPort}`),
    });
    const status = (origin: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const headers = { Host: 'live.example.com', Origin: origin };
        const options = {
          port: nginx.port,
          path: '/live/poll?channel=public:orders',
          headers,
          rejectUnauthorized: false,
        };
        get(options, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
      });

    expect(await status('https://live.example.com')).toBe(200);
    expect(await status('http://live.example.com')).toBe(403);
  });
});

describe.skipIf(findNginx() === undefined)('nginx in other words', { timeout: 60_000 }, () => {
  it('passes an event stream without its buffers, whatever it ignores', async () => {
    const location = `proxy_ignore_headers X-Accel-Buffering; ${unbuffered}`;
    await using nginx = await startNginx({ upstreamPort: server.port, location });

    await expectLive({ url: nginx.url, transports: ['sse'] });
  });

  it('makes clients poll, with its buffers', async () => {
    await using nginx = await startNginx({ upstreamPort: server.port, location: NGINX_DEAF });

    const client = await expectLive({ url: nginx.url });

    expect(client.connection.status).toBe('polling');
  });

  it('makes clients take the event stream, where it passes no upgrade', async () => {
    await using nginx = await startNginx({ upstreamPort: server.port });

    const client = await expectLive({ url: nginx.url });

    expect(client.connection).toMatchObject({ status: 'live', transport: 'sse' });
  });
});

describe.skipIf(findNginx() === undefined || findRedis() === undefined)('nginx before two servers on one Redis', () => {
  it.each(['ws', 'sse', 'poll'] as const)(
    'hands a client over %s what is published on either',
    async (transport) => {
      await using redis = await startRedis();
      const env = { FANFARE_TRUST_PROXY: '1', FANFARE_ENGINE: redis.url };
      await using first = await startFanfare(env);
      await using second = await startFanfare(env);
      await using nginx = await startNginx({
        upstreamPort: first.port,
        http: ({ port }) =>
          whole
            .replace(/upstream fanfare \{[^}]*\}/, twoServers)
            .replace('listen 80;', `listen 127.0.0.1:${port};`)
            .replace('127.0.0.1:3001', `127.0.0.1:${first.port}`)
            .replace('127.0.0.1:3002', `127.0.0.1:${second.port}`),
      });

      for (const { url } of [first, second]) await expectLive({ url: nginx.url, transports: [transport] }, url);
    },
    120_000,
  );
});

/** A client that was handed an order when it was paid; closed at the end of the test. */
async function expectLive(options: ClientOptions, publishAt = server.url): Promise<Client> {
  const client = createClient(options);
  onTestFinished(() => client.close());
  const orders: unknown[] = [];
  const channel = client.channel('public:orders');
  channel.on('paid', (data) => orders.push(data));
  await expect.poll(() => channel.subscription.status, DEADLINE).toBe('subscribed');
  order += 1;

  await publishOrder(publishAt, order);

  await expect.poll(() => orders, DEADLINE).toEqual([{ order }]);
  return client;
}
