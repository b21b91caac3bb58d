/** Credentials that run out, and are revoked, under a client that goes on: nothing is lost, and who may not come back does not. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TransportName } from '@fanfare/protocol';
import { createFanfare, log, memory, type ShapesOf, tokens, type } from 'fanfare';
import { expect, it, vi } from 'vitest';
import { createClient } from '../src/index.ts';

const SECRET = 'a secret of the tests, long enough for HS256';
const DEADLINE = { timeout: 30_000, interval: 10 };
vi.setConfig({ testTimeout: 60_000 });

const channels = {
  'mine:{user}': log({
    events: { number: type<number>() },
    access: ({ identity, params }) =>
      identity?.subject === params['user']
        ? { allow: true }
        : { allow: false, status: identity === undefined ? 401 : 403, code: 'NOT_YOURS' },
  }),
};

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function sign(forSeconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'me', aud: 'live', sub: '7', iat: now, exp: now + forSeconds };
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}

async function stage(transport: TransportName) {
  const live = createFanfare({
    engine: memory(),
    channels,
    authenticate: tokens({ issuers: [{ issuer: 'me', audience: 'live', algorithms: ['HS256'], secret: SECRET }] }),
    limits: { credentialGraceMs: 1000, minRetryMs: 1000, maxRetryMs: 1000 },
  });
  const server = createServer();
  live.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const asked = { times: 0 };
  const client = createClient<ShapesOf<typeof channels>>({
    url: `http://127.0.0.1:${port}`,
    transports: [transport],
    tabs: false,
    rules: { baseMs: 2, capMs: 20 },
    token: () => {
      asked.times += 1;
      return sign(2);
    },
    onError: () => undefined,
  });
  return {
    ...{ live, client, asked },
    async [Symbol.asyncDispose]() {
      client.close();
      await live.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

// Side by side: most of it is waiting.
it.concurrent.each(['ws', 'sse', 'poll'] as const)(
  'over %s: fresh tokens follow one another, and every event comes once',
  async (transport) => {
    await using scene = await stage(transport);
    const got: number[] = [];
    scene.client.channel('mine:7').on('number', (number) => got.push(number));
    await vi.waitUntil(() => scene.live.stats().subscriptions > 0, DEADLINE);
    let sent = 0;

    // Three lives of a token, and then some; what comes while the client is away is published, too.
    await vi.waitUntil(
      async () => {
        sent += 1;
        await scene.live.channel('mine:7').publish('number', sent);
        return scene.asked.times > 4;
      },
      { timeout: 30_000, interval: 20 },
    );
    await vi.waitUntil(() => got.length >= sent, DEADLINE);

    expect(got).toEqual(Array.from({ length: sent }, (_, at) => at + 1));
  },
);

it.concurrent.each(['ws', 'sse', 'poll'] as const)('over %s: who is revoked does not come back', async (transport) => {
  await using scene = await stage(transport);
  const got: number[] = [];
  scene.client.channel('mine:7').on('number', (number) => got.push(number));
  await vi.waitUntil(() => ['live', 'polling'].includes(scene.client.connection.status), DEADLINE);

  // Tokens that are issued from now on, too.
  await scene.live.revoke({ subject: '7', issuedBefore: Date.now() + 3_600_000 });
  await vi.waitUntil(() => scene.client.connection.status === 'failed', DEADLINE);
  await scene.live.channel('mine:7').publish('number', 1);

  expect(got).toEqual([]);
  expect(scene.live.stats().connections).toBe(0);
});
