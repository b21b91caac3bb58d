/** Two servers on one Redis are one hub: judged by what clients of both were handed while everything between them breaks. */
import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import {
  CLEAN,
  findRedis,
  type Handed,
  judgeDelivery,
  type Published,
  type RedisServer,
  startRedis,
} from '@fanfare/testkit';
import { createFanfare, type Fanfare, log, redis, type ShapesOf, state } from 'fanfare';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type Client, createClient } from '../src/index.ts';

const channels = {
  'run:{name}': log({ events: { n: z.string() }, keep: { count: 100_000 }, access: 'public' }),
  'score:{court}': state({ schema: z.number(), access: 'public' }),
};

type Live = Fanfare<typeof channels>;

const DEADLINE = { timeout: 30_000, interval: 5 };
vi.setConfig({ testTimeout: 90_000 });

interface Parts {
  readonly store: RedisServer;
  readonly lives: readonly Live[];
  readonly servers: readonly Server[];
  readonly front: NetServer;
}

/** Two hubs on one Redis behind one address, which sends each new connection to the other of them. */
class Pair implements AsyncDisposable {
  readonly parts: Parts;
  readonly published: Published[] = [];
  readonly #clients: Client<ShapesOf<typeof channels>>[] = [];
  readonly #sockets = new Set<Socket>();
  #running: Promise<void>[] = [];
  #publishing = false;
  #marks = 0;

  static async start(settings?: readonly string[]): Promise<Pair> {
    const store = await startRedis(settings === undefined ? {} : { settings });
    const lives = [0, 1].map(() => createFanfare({ engine: redis(store.url, { timeoutMs: 1000 }), channels }));
    const servers = await Promise.all(lives.map(listen));
    const front = createServer();
    const pair = new Pair({ store, lives, servers, front });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    await vi.waitFor(() => expect(lives.map((live) => live.ready().ready)).toEqual([true, true]), DEADLINE);
    return pair;
  }

  constructor(parts: Parts) {
    this.parts = parts;
    let turn = 0;
    parts.front.on('connection', (socket) => {
      turn += 1;
      const target = connect(portOf(parts.servers[turn % 2]), '127.0.0.1');
      socket.pipe(target).pipe(socket);
      for (const [one, other] of [[socket, target] as const, [target, socket] as const]) {
        one.on('error', () => undefined);
        one.once('close', () => other.destroy());
      }
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  get store(): RedisServer {
    return this.parts.store;
  }

  client(): Client<ShapesOf<typeof channels>> {
    const client = createClient<ShapesOf<typeof channels>>({
      url: `http://127.0.0.1:${portOf(this.parts.front)}`,
      rules: { baseMs: 2, capMs: 20 },
      onError: () => undefined,
    });
    client.onConnection(({ status, retryAt }) => {
      if (status === 'reconnecting' && retryAt !== undefined) setImmediate(() => client.reconnect());
    });
    this.#clients.push(client);
    return client;
  }

  /** What one client is handed from the moment this resolves. */
  async reader(): Promise<Handed[]> {
    const handed: Handed[] = [];
    const channel = this.client().channel('run:a');
    channel.on('n', (payload, { position }) => handed.push({ kind: 'event', payload, position: position ?? '' }));
    channel.onLost(({ cause }) => handed.push({ kind: 'lost', cause }));
    await expect.poll(() => channel.subscription.status, DEADLINE).toBe('subscribed');
    return handed;
  }

  /** Two publishers on each server. */
  publish(): void {
    this.#publishing = true;
    this.#running = [0, 1, 2, 3].map((publisher) => this.#run(publisher));
  }

  /** Breaks every connection of clients: they come back to the other server. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends the publishers; resolves when every reader was handed what is published after everything else. */
  async settle(readers: readonly (readonly Handed[])[]): Promise<void> {
    this.#publishing = false;
    await Promise.all(this.#running);
    let mark = '';
    await vi.waitFor(async () => {
      this.#marks += 1;
      mark = `p9-${this.#marks}`;
      expect(await this.#one(0, mark)).toBe('acked');
    }, DEADLINE);
    const last = (handed: readonly Handed[]): boolean =>
      handed.some((one) => one.kind === 'event' && one.payload === mark);
    await expect.poll(() => readers.every(last), DEADLINE).toBe(true);
  }

  get acked(): number {
    return this.published.filter(({ outcome }) => outcome === 'acked').length;
  }

  async more(count = 100): Promise<void> {
    const before = this.acked;
    await expect.poll(() => this.acked, DEADLINE).toBeGreaterThan(before + count);
  }

  async #run(publisher: number): Promise<void> {
    for (let count = 1; this.#publishing; count += 1) {
      const outcome = await this.#one(publisher % 2, `p${publisher}-${count}`);
      if (outcome !== 'acked') await vi.waitUntil(() => this.#mayGoOn(publisher % 2), DEADLINE);
      // A pace, and no wait: as fast as leaves the readers something of two processors.
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Is the engine of this server there again, or nothing left to be published? */
  #mayGoOn(server: number): boolean {
    return !this.#publishing || this.parts.lives[server]?.ready().ready === true;
  }

  async #one(server: number, payload: string): Promise<Published['outcome']> {
    const index = this.published.push({ payload, outcome: 'unknown' }) - 1;
    const done = this.parts.lives[server]?.channel('run:a').publish('n', payload);
    const position = await done?.then((appended) => appended.position).catch(() => undefined);
    const outcome = position === undefined ? 'unknown' : 'acked';
    this.published[index] = { payload, outcome, position };
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#publishing = false;
    this.store.resume();
    for (const client of this.#clients) client.close();
    this.parts.front.close();
    this.cut();
    for (const live of this.parts.lives) await live.close();
    for (const server of this.parts.servers) {
      server.close();
      server.closeAllConnections();
    }
    await this.store[Symbol.asyncDispose]();
  }
}

describe.skipIf(findRedis() === undefined)('two servers on one Redis', () => {
  it('hand everything to everybody once and in order, while clients move and connections to Redis are cut', async () => {
    await using pair = await Pair.start();
    const readers = await Promise.all(Array.from({ length: 6 }, () => pair.reader()));
    pair.publish();

    for (const round of [1, 2, 3, 4, 5, 6]) {
      await pair.more();
      pair.cut();
      if (round % 2 === 0) await pair.store.ask('CLIENT KILL TYPE pubsub SKIPME yes');
      if (round % 3 === 0) await pair.store.ask('CLIENT KILL TYPE normal SKIPME yes');
    }
    await pair.more();
    await pair.settle(readers);

    expect(pair.acked).toBeGreaterThan(700);
    for (const handed of readers) {
      expect(handed.filter(({ kind }) => kind === 'lost')).toEqual([]);
      expect(judgeDelivery(pair.published, handed)).toEqual(CLEAN);
    }
  });

  it('lose nothing to a Redis that stands still for longer than they wait', async () => {
    await using pair = await Pair.start();
    const readers = await Promise.all(Array.from({ length: 4 }, () => pair.reader()));
    pair.publish();
    await pair.more();

    pair.store.pause();
    await expect.poll(() => pair.parts.lives.map((live) => live.ready().ready), DEADLINE).toEqual([false, false]);
    pair.cut();
    pair.store.resume();
    await pair.more();
    await pair.settle(readers);

    for (const handed of readers) {
      expect(handed.filter(({ kind }) => kind === 'lost')).toEqual([]);
      expect(judgeDelivery(pair.published, handed)).toEqual(CLEAN);
    }
  });

  it.each([
    ['is killed and comes back with its log', ['--appendonly', 'yes', '--save', '']],
    ['is killed and has forgotten everything', ['--appendonly', 'no', '--save', '']],
  ])('tell everybody where a Redis %s, and hand over what comes then', async (_, settings) => {
    await using pair = await Pair.start(settings);
    const readers = await Promise.all(Array.from({ length: 4 }, () => pair.reader()));
    pair.publish();
    await pair.more();

    await pair.store.kill();
    await pair.store.start();
    // Who is told begins with what is newest then: the last event must not be published before.
    await expect.poll(() => readers.every(isToldAndGoesOn), DEADLINE).toBe(true);
    await pair.settle(readers);

    for (const handed of readers) {
      expect(handed.filter(({ kind }) => kind === 'lost')).toEqual([{ kind: 'lost', cause: 'epoch' }]);
      expect(judgeDelivery(pair.published, handed)).toEqual(CLEAN);
    }
  });

  it('show the newest value to clients of both, also of what changed while they were cut off', async () => {
    await using pair = await Pair.start();
    const courts = [pair.client(), pair.client()].map((client) => client.channel('score:1'));
    for (const court of courts) court.subscribe(() => undefined);
    const [here, there] = pair.parts.lives;
    await here?.channel('score:1').set(1);
    await expect.poll(() => courts.map((court) => court.value), DEADLINE).toEqual([1, 1]);

    for (let value = 2; value <= 40; value += 1) {
      await (value % 2 === 0 ? there : here)?.channel('score:1').set(value);
      if (value % 10 === 0) await pair.store.ask('CLIENT KILL TYPE pubsub SKIPME yes');
    }

    await expect.poll(() => courts.map((court) => court.value), DEADLINE).toEqual([40, 40]);
  });
});

function isToldAndGoesOn(handed: readonly Handed[]): boolean {
  return handed.at(-1)?.kind === 'event' && handed.some(({ kind }) => kind === 'lost');
}

async function listen(live: Live): Promise<Server> {
  const server = createHttpServer();
  live.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function portOf(server: Pick<NetServer, 'address'> | undefined): number {
  const address = server?.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
