/** A client over a WebSocket that is stopped between its handshake and its first command, as a page is that is left while it loads. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { createFanfare, log, memory, type ShapesOf } from 'fanfare';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createClient } from '../src/index.ts';

const channels = { 'run:{name}': log({ access: 'public' }) };
const DEADLINE = { timeout: 30_000, interval: 5 };
vi.setConfig({ testTimeout: 60_000 });

/** It was closed with a verdict, and stayed away for good. */
it('comes back when its server took it for nobody', async () => {
  const live = createFanfare({ engine: memory(), channels, limits: { unauthenticatedMs: 150 } });
  const server = createHttpServer();
  live.attach(server);
  const port = await listen(server);
  let accepted = 0;
  const front = createServer((socket) => {
    accepted += 1;
    const isFirst = accepted === 1;
    const target = connect(port, '127.0.0.1');
    target.pipe(socket);
    socket.on('data', (bytes) => {
      target.write(bytes);
      // The handshake went through; what the client says next does not.
      if (isFirst) socket.pause();
    });
    for (const [one, other] of [[socket, target] as const, [target, socket] as const]) {
      one.on('error', () => undefined);
      one.once('close', () => other.destroy());
    }
  });
  const client = createClient<ShapesOf<typeof channels>>({
    url: `http://127.0.0.1:${await listen(front)}`,
    transports: ['ws'],
    rules: { baseMs: 2, capMs: 20 },
    onError: () => undefined,
  });
  onTestFinished(async () => {
    client.close();
    await live.close();
    server.closeAllConnections();
  });
  const told: string[] = [];
  client.onConnection(({ status, reason, retryAt }) => {
    told.push(`${status} ${reason?.code ?? ''}`.trim());
    if (status === 'reconnecting' && retryAt !== undefined) setImmediate(() => client.reconnect());
  });
  const channel = client.channel('run:a');
  channel.on('n', () => undefined);

  await expect.poll(() => channel.subscription.status, DEADLINE).toBe('subscribed');

  expect(told).not.toContainEqual(expect.stringContaining('failed'));
  expect(told).toContain('reconnecting CLOSED_3005');
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
