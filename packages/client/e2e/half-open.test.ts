import { once } from 'node:events';
import { createServer } from 'node:http';
import { type FaultProxy, startFaultProxy } from '@fanfare/testkit';
import { createFanfare, log, memory } from 'fanfare';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Client, createClient } from '../src/index.ts';
import { DEADLINE } from './harness-page.ts';
import { WIRES } from './wires.ts';

/** Of D6: what a connection may hold, and how long a peer that takes nothing may stay. */
const LIMITS = { maxBufferedBytes: 256 * 1024, stallMs: 1000, deadMs: 3000 };
/** More than the buffers of two kernels hold. */
const EVENTS = 400;
const PAYLOAD = 'x'.repeat(60 * 1024);

describe('D6: a peer that vanishes without closing, and never comes back', () => {
  const live = createFanfare({
    engine: memory(),
    channels: { 'run:{name}': log({ keep: { count: 10 }, access: 'public' }) },
    limits: LIMITS,
    heartbeatMs: 1000,
  });
  const server = createServer();
  const clients: Client[] = [];
  let proxy: FaultProxy;
  let mostBuffered = 0;

  beforeAll(async () => {
    live.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    proxy = await startFaultProxy({ targetPort: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    for (const wire of WIRES) {
      const client = createClient({ url: proxy.url, transports: [wire], onError: () => undefined });
      clients.push(client);
      const channel = client.channel(`run:${wire}`);
      channel.on('n', () => undefined);
      await vi.waitFor(() => expect(channel.subscription.status).toBe('subscribed'), DEADLINE);
    }

    proxy.inflict({ kind: 'black-hole', direction: 'both' });
    for (let n = 0; n < EVENTS; n += 1) {
      await Promise.all(WIRES.map((wire) => live.channel(`run:${wire}`).publish('n', PAYLOAD)));
      for (const { bufferedBytes } of live.connections()) mostBuffered = Math.max(mostBuffered, bufferedBytes);
    }
  }, 180_000);
  afterAll(async () => {
    for (const client of clients) client.close();
    await proxy?.close();
    await live.close();
    server.closeAllConnections();
    server.close();
  });

  it('never makes the server hold more than the cap', () => {
    expect(mostBuffered).toBeLessThanOrEqual(LIMITS.maxBufferedBytes);
  });

  it.each(WIRES)('%s: is let go of', async (wire) => {
    const held = (): readonly string[] =>
      live.connections().flatMap(({ channels, label }) => (channels.includes(`run:${wire}`) ? [label] : []));

    await vi.waitFor(() => expect(held()).toEqual([]), DEADLINE);
  });
});
