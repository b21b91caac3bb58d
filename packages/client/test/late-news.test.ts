/** Two servers on one Redis that has begun a new history, and only one of them has been told: what a client that moves between them is told. */
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { findRedis, type RedisServer, startRedis } from '@fanfare/testkit';
import { createFanfare, log, redis, type ShapesOf } from 'fanfare';
import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { createClient } from '../src/index.ts';

const channels = { 'run:{name}': log({ events: { n: z.string() }, keep: { count: 1000 }, access: 'public' }) };
const DEADLINE = { timeout: 30_000, interval: 5 };
/** Nothing is given up while the news are held. */
const PATIENCE_MS = 60_000;
vi.setConfig({ testTimeout: 90_000 });

/** A way to Redis on which what it tells its subscribers can be held back. */
class HeldNews {
  readonly server: NetServer;
  #isHeld = false;
  readonly #following = new Set<Socket>();

  constructor(store: RedisServer) {
    this.server = createServer((socket) => {
      const toStore = link(socket, store.port);
      socket.on('data', (bytes: Buffer) => {
        if (!/subscribe/i.test(bytes.toString('latin1'))) return;
        this.#following.add(toStore);
        if (this.#isHeld) toStore.pause();
      });
    });
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    for (const toStore of this.#following) {
      if (isHeld) toStore.pause();
      else toStore.resume();
    }
  }
}

it.skipIf(findRedis() === undefined)(
  'is told once that history is lost, and nothing is missed of the new one, at a server that has not heard of it',
  async () => {
    const store = await startRedis();
    onTestFinished(() => store[Symbol.asyncDispose]());
    const news = new HeldNews(store);
    const urls = [store.url, `redis://127.0.0.1:${await listen(news.server)}`];
    const [here, there] = urls.map((url) =>
      createFanfare({ engine: redis(url, { timeoutMs: PATIENCE_MS }), channels }),
    );
    if (here === undefined || there === undefined) throw new Error('two servers');
    const servers = [here, there].map((live) => {
      const server = createHttpServer();
      live.attach(server);
      onTestFinished(async () => {
        await live.close();
        server.close();
        server.closeAllConnections();
      });
      return server;
    });
    const [herePort = 0, therePort = 0] = await Promise.all(servers.map(listen));
    await vi.waitFor(() => expect([here.ready().ready, there.ready().ready]).toEqual([true, true]), DEADLINE);

    // One who stays there, so that its server follows the channel; one who moves.
    const stays = reader(therePort);
    const front = new Front(herePort);
    const moves = reader(await listen(front.server));
    await expect.poll(() => [stays.isThere(), moves.isThere()], DEADLINE).toEqual([true, true]);
    await here.channel('run:a').publish('n', 'old');
    await expect.poll(() => [stays.handed, moves.handed], DEADLINE).toEqual([['old'], ['old']]);

    news.hold(true);
    await store.ask('FLUSHALL');
    await here.channel('run:a').publish('n', 'unseen');
    await expect.poll(() => moves.handed, DEADLINE).toEqual(['old', 'lost: epoch']);
    await expect.poll(() => moves.isThere(), DEADLINE).toBe(true);
    await here.channel('run:a').publish('n', 'new');
    await expect.poll(() => moves.handed.at(-1), DEADLINE).toBe('new');
    front.moveTo(therePort);
    await here.channel('run:a').publish('n', 'missed');
    await expect.poll(() => moves.handed.at(-1), DEADLINE).toBe('missed');
    await expect.poll(() => [stays.handed, stays.isThere()], DEADLINE).toEqual([['old', 'lost: epoch'], true]);
    await there.channel('run:a').publish('n', 'held');
    news.hold(false);
    await here.channel('run:a').publish('n', 'last');
    await expect.poll(() => [stays.handed.at(-1), moves.handed.at(-1)], DEADLINE).toEqual(['last', 'last']);

    expect(moves.handed).toEqual(['old', 'lost: epoch', 'new', 'missed', 'held', 'last']);
    expect(stays.handed).toEqual(['old', 'lost: epoch', 'held', 'last']);
  },
);

/** One address, behind which is the one server or the other. */
class Front {
  readonly server: NetServer;
  #port: number;
  readonly #sockets = new Set<Socket>();

  constructor(port: number) {
    this.#port = port;
    this.server = createServer((socket) => {
      this.#sockets.add(socket);
      link(socket, this.#port);
    });
  }

  /** Whoever is connected is cut off, and comes back to the other. */
  moveTo(port: number): void {
    this.#port = port;
    for (const socket of this.#sockets) socket.destroy();
  }
}

function reader(port: number): { readonly handed: readonly string[]; isThere(): boolean } {
  const client = createClient<ShapesOf<typeof channels>>({
    url: `http://127.0.0.1:${port}`,
    rules: { baseMs: 2, capMs: 20 },
    onError: () => undefined,
  });
  onTestFinished(() => client.close());
  client.onConnection(({ status, retryAt }) => {
    if (status === 'reconnecting' && retryAt !== undefined) setImmediate(() => client.reconnect());
  });
  const channel = client.channel('run:a');
  const handed: string[] = [];
  channel.on('n', (payload) => handed.push(payload));
  channel.onLost(({ cause }) => handed.push(`lost: ${cause}`));
  return { handed, isThere: () => ['subscribed', 'lost'].includes(channel.subscription.status) };
}

function link(socket: Socket, port: number): Socket {
  const target = connect(port, '127.0.0.1');
  socket.pipe(target).pipe(socket);
  for (const [one, other] of [[socket, target] as const, [target, socket] as const]) {
    one.on('error', () => undefined);
    one.once('close', () => other.destroy());
  }
  return target;
}

async function listen(server: Server | NetServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}
