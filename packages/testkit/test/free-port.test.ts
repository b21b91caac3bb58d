import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from '../src/server-process.ts';

it('gives a port that is free, and none that a system gives to whoever asks for any', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));

  expect(Math.min(...ports)).toBeGreaterThanOrEqual(11_000);
  expect(Math.max(...ports)).toBeLessThan(32_000);
  const [port] = ports;
  const server = createServer().listen(port);
  await once(server, 'listening');
  server.close();
});
