/** Engines on a Redis of the test's own, and what their followers got. */
import { type RedisServer, startRedis } from '@fanfare/testkit';
import {
  type Appended,
  type AppendRequest,
  type Engine,
  EngineUnavailable,
  type RedisOptions,
  redis,
  type StoredEvent,
} from 'fanfare/internal';
import { expect, vi } from 'vitest';

/** Short enough for a test, long enough for a busy machine. */
const TIMEOUT_MS = 1000;

export class RedisFixture {
  readonly server: RedisServer;
  readonly #engines: Engine[] = [];

  static async start(settings?: readonly string[]): Promise<RedisFixture> {
    return new RedisFixture(await startRedis(settings === undefined ? {} : { settings }));
  }

  constructor(server: RedisServer) {
    this.server = server;
  }

  /** An engine that stands. */
  async open(options: RedisOptions = {}): Promise<Engine> {
    const engine = this.openUnready(options);
    await isReady(engine);
    return engine;
  }

  openUnready(options: RedisOptions = {}): Engine {
    const engine = redis(this.server.url, { timeoutMs: TIMEOUT_MS, ...options });
    this.#engines.push(engine);
    return engine;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.resume();
    for (const engine of this.#engines) await engine.close();
    await this.server[Symbol.asyncDispose]();
  }
}

export function note(channel: string, value: unknown, more: Partial<AppendRequest> = {}): AppendRequest {
  return { channel, event: 'note', dataJson: JSON.stringify(value), key: '', retention: { kind: 'window' }, ...more };
}

/** What a follower gets, from the moment this resolves. */
export async function collect(engine: Engine, channel: string): Promise<StoredEvent[]> {
  const seen: StoredEvent[] = [];
  engine.broker.follow(channel, (events) => seen.push(...events));
  await engine.broker.head(channel);
  return seen;
}

export function isReady(engine: Engine): Promise<void> {
  return until(() => expect(engine.health()).toEqual({ ready: true }));
}

export function until(fact: () => void): Promise<void> {
  return vi.waitFor(fact, { timeout: 20_000, interval: 10 });
}

/** A publisher that appends one value after the other, each until it is acked, with its key: as an application would. */
export class Publisher {
  readonly acked: { readonly value: string; readonly appended: Appended }[] = [];
  readonly refusals: EngineUnavailable[] = [];
  readonly #done: Promise<void>;
  #running = true;

  constructor(engine: Engine, channel: string, name: string) {
    this.#done = this.#run(engine, channel, name);
  }

  /** Ends after the value at hand. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #run(engine: Engine, channel: string, name: string): Promise<void> {
    for (let n = 1; this.#running; n += 1) {
      const value = `${name}-${n}`;
      this.acked.push({ value, appended: await this.#append(engine, note(channel, value, { idempotencyKey: value })) });
    }
  }

  async #append(engine: Engine, request: AppendRequest): Promise<Appended> {
    for (;;) {
      try {
        return await engine.broker.append(request);
      } catch (error) {
        if (!(error instanceof EngineUnavailable)) throw error;
        this.refusals.push(error);
        // A pace, and no wait: until Redis is back each try is refused at once.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }
}

/** Fails on a jump, a double or a change of order within an epoch, and on an acked value that is not there. */
export function expectWhole(seen: readonly StoredEvent[], publishers: readonly Publisher[]): void {
  const jumps = seen.filter((event, index) => {
    const before = seen[index - 1];
    return before !== undefined && before.epoch === event.epoch && event.offset !== before.offset + 1;
  });
  expect(jumps).toEqual([]);
  const values = seen.map((event) => JSON.parse(event.dataJson));
  expect(new Set(values).size).toBe(values.length);
  const had = new Set(values);
  const acked = publishers.flatMap((publisher) => publisher.acked.map(({ value }) => value));
  expect(acked.filter((value) => !had.has(value))).toEqual([]);
}
