/** The redis engine passes the suite of all engines, durability included, on a Redis with an append-only log. */
import { basename } from 'node:path';
import type { RedisServer } from '@fanfare/testkit';
import { describeEngine, findRedis, startRedis } from '@fanfare/testkit';
import { redis } from 'fanfare/internal';
import { afterAll, beforeAll, describe, vi } from 'vitest';

let server: RedisServer;
/** The suite is not about time, and the machine may be busy. */
const patient = { timeoutMs: 15_000 };

describe.skipIf(findRedis() === undefined)('with redis-server', () => {
  beforeAll(async () => {
    server = await startRedis();
    vi.stubEnv('FANFARE_TEST_REDIS', server.url);
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    await server[Symbol.asyncDispose]();
  });

  describeEngine(
    'redis',
    ({ clock, idempotency = {}, place }) =>
      redis(server.url, { ...patient, prefix: `${basename(place)}:`, clock, idempotency }),
    { durable: true, child: new URL('redis-child.mjs', import.meta.url), shared: true },
  );
});
