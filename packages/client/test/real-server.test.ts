/** The client against the real server, through a proxy that resets connections. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TransportName } from '@fanfare/protocol';
import { type FaultProxy, startFaultProxy } from '@fanfare/testkit';
import { createFanfare, type Fanfare, log, memory, type ShapesOf, state } from 'fanfare';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type Client, createClient } from '../src/index.ts';

const channels = {
  'numbers:{name}': log({ events: { number: z.number() }, keep: { count: 5000 }, access: 'public' }),
  'short:{name}': log({ events: { number: z.number() }, keep: { count: 5 }, access: 'public' }),
  'score:{court}': state({ schema: z.object({ home: z.number() }), access: 'public' }),
  'chat:{name}': log({
    events: { number: z.number() },
    keep: { count: 5000 },
    access: { subscribe: 'public', publish: 'public' },
  }),
  'secret:{name}': log({ events: { number: z.number() } }),
};

const DEADLINE = { timeout: 30_000, interval: 5 };
vi.setConfig({ testTimeout: 60_000 });

interface Stage {
  readonly live: Fanfare<typeof channels>;
  readonly proxy: FaultProxy;
  readonly client: Client<ShapesOf<typeof channels>>;
  [Symbol.asyncDispose](): Promise<void>;
}

async function stage(transports: readonly TransportName[]): Promise<Stage> {
  const live = createFanfare({ engine: memory(), channels });
  const server = createServer();
  live.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const proxy = await startFaultProxy({ targetPort: typeof address === 'object' && address ? address.port : 0 });
  const client = createClient<ShapesOf<typeof channels>>({
    url: `http://127.0.0.1:${proxy.port}`,
    transports,
    rules: { baseMs: 2, capMs: 20 },
    onError: () => undefined,
  });
  // The server asks for seconds between attempts; a test, like a user at the button, need not wait.
  client.onConnection(({ status, retryAt }) => {
    if (status === 'reconnecting' && retryAt !== undefined) setImmediate(() => client.reconnect());
  });
  const close = async (): Promise<void> => {
    client.close();
    await proxy.close();
    server.close();
    server.closeAllConnections();
    await live.close();
  };
  return { live, proxy, client, [Symbol.asyncDispose]: close };
}

describe.each([['ws'], ['sse'], ['poll'], ['ws', 'sse', 'poll']] as const)(
  'the client against the real server over %s',
  (...transports) => {
    it('delivers 2000 events once and in order while its connections are killed', async () => {
      await using on = await stage(transports);
      const seen: number[] = [];
      const channel = on.client.channel('numbers:a');
      channel.on('number', (value) => seen.push(value));
      await expect.poll(() => channel.subscription.status, DEADLINE).toBe('subscribed');

      for (let value = 1; value <= 2000; value += 1) {
        await on.live.channel('numbers:a').publish('number', value);
        if (value % 100 === 0) {
          const { accepted } = on.proxy;
          on.proxy.cutAll();
          // Half of the time events come while the client is away, half of the time while it catches up.
          if (value % 200 === 0) await expect.poll(() => on.proxy.accepted, DEADLINE).toBeGreaterThan(accepted);
        }
      }

      await expect.poll(() => seen.length, DEADLINE).toBe(2000);
      expect(seen).toEqual(Array.from({ length: 2000 }, (_, index) => index + 1));
      expect(on.proxy.accepted).toBeGreaterThan(10);
    });

    it('ends on the last value of a state channel that changed while it was away', async () => {
      await using on = await stage(transports);
      const court = on.client.channel('score:1');
      court.subscribe(() => undefined);
      await on.live.channel('score:1').set({ home: 1 });
      await expect.poll(() => court.value, DEADLINE).toEqual({ home: 1 });

      on.proxy.refuse(true);
      on.proxy.cutAll();
      await expect.poll(() => on.client.connection.status, DEADLINE).toBe('reconnecting');
      for (let home = 2; home <= 50; home += 1) await on.live.channel('score:1').set({ home });
      on.proxy.refuse(false);

      await expect.poll(() => court.value, DEADLINE).toEqual({ home: 50 });
    });

    it('is told when the history that it missed is gone, and goes on from now', async () => {
      await using on = await stage(transports);
      const causes: string[] = [];
      const seen: number[] = [];
      const channel = on.client.channel('short:a');
      channel.on('number', (value) => seen.push(value));
      channel.onLost(({ cause }) => causes.push(cause));
      await expect.poll(() => channel.subscription.status, DEADLINE).toBe('subscribed');

      on.proxy.refuse(true);
      on.proxy.cutAll();
      await expect.poll(() => on.client.connection.status, DEADLINE).toBe('reconnecting');
      for (let value = 1; value <= 3000; value += 1) await on.live.channel('short:a').publish('number', value);
      on.proxy.refuse(false);
      await expect.poll(() => causes, DEADLINE).toEqual(['trimmed']);
      await on.live.channel('short:a').publish('number', 3001);

      await expect.poll(() => seen, DEADLINE).toEqual([3001]);
    });

    it('follows what it may when one of its channels is forbidden', async () => {
      await using on = await stage(transports);
      const seen: number[] = [];
      const secret = on.client.channel('secret:a');
      secret.on('number', () => undefined);
      on.client.channel('numbers:a').on('number', (value) => seen.push(value));
      await expect.poll(() => on.client.channel('numbers:a').subscription.status, DEADLINE).toBe('subscribed');

      await on.live.channel('numbers:a').publish('number', 7);

      await expect.poll(() => seen, DEADLINE).toEqual([7]);
      expect(secret.subscription).toMatchObject({ status: 'refused', reason: { code: 'FORBIDDEN' } });
    });

    it('adds and leaves channels while events flow, and loses or repeats none', async () => {
      await using on = await stage(transports);
      const seen: number[] = [];
      on.client.channel('numbers:a').on('number', (value) => seen.push(value));
      await expect.poll(() => on.client.channel('numbers:a').subscription.status, DEADLINE).toBe('subscribed');

      const others: number[] = [];
      for (let value = 1; value <= 100; value += 1) {
        await on.live.channel('numbers:a').publish('number', value);
        if (value % 20 !== 0) continue;
        const other = on.client.channel(`numbers:other-${value}`);
        other.on('number', (number) => others.push(number));
        await expect.poll(() => other.subscription.status, DEADLINE).toBe('subscribed');
        await on.live.channel(`numbers:other-${value}`).publish('number', value);
        await expect.poll(() => others.at(-1), DEADLINE).toBe(value);
        if (value % 40 === 0) other.close();
      }

      await expect.poll(() => seen.length, DEADLINE).toBe(100);
      expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
      expect(others).toEqual([20, 40, 60, 80, 100]);
    });

    it('a channel that is left and listened to again at once misses nothing from its confirmation on', async () => {
      await using on = await stage(transports);
      on.client.channel('score:1').subscribe(() => undefined);
      const channel = on.client.channel('numbers:a');
      for (let rounds = 0; rounds < 20; rounds += 1) {
        channel.on('number', () => undefined);
        await new Promise((resolve) => setImmediate(resolve));
        channel.close();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const seen: number[] = [];
      channel.on('number', (value) => seen.push(value));
      await expect.poll(() => channel.subscription.status, DEADLINE).toBe('subscribed');
      for (let value = 1; value <= 50; value += 1) await on.live.channel('numbers:a').publish('number', value);

      await expect.poll(() => seen.at(-1), DEADLINE).toBe(50);
      expect(seen).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
    });

    it('publishes in order while its connections are killed, and nothing is stored twice', async () => {
      await using on = await stage(transports);
      const seen: number[] = [];
      const channel = on.client.channel('chat:a');
      channel.on('number', (value) => seen.push(value));
      await expect.poll(() => channel.subscription.status, DEADLINE).toBe('subscribed');

      const receipts = Array.from({ length: 60 }, (_, index) => {
        if (index % 20 === 10) setImmediate(() => on.proxy.cutAll());
        return channel.publish('number', index + 1, { timeoutMs: 50_000 });
      });
      const stored = await Promise.all(receipts);

      expect(stored.every(({ position }) => position !== undefined)).toBe(true);
      await expect.poll(() => seen.length, DEADLINE).toBe(60);
      expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    });
  },
);
