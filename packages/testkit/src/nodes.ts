/** Several servers on one Redis, each a process of its own, ended together. */
import { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.ts';
import { type ServerProcess, type ServerProcessOptions, startServerProcess } from './server-process.ts';

export interface NodesOptions extends ServerProcessOptions {
  /** @default 2 */
  readonly count?: number;
  readonly redis?: RedisServerOptions;
}

export class Nodes implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly all: readonly ServerProcess[];

  constructor(redis: RedisServer, all: readonly ServerProcess[]) {
    this.redis = redis;
    this.all = all;
  }

  get a(): ServerProcess {
    return this.#at(0);
  }

  get b(): ServerProcess {
    return this.#at(1);
  }

  #at(index: number): ServerProcess {
    const node = this.all[index];
    if (node === undefined) throw new RangeError(`There is no node ${index}.`);
    return node;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.all) await node[Symbol.asyncDispose]();
    await this.redis[Symbol.asyncDispose]();
  }
}

/** Several processes start at once, on a machine that does other things too. */
const READY_MS = 60_000;

/** Each gets the URL of their Redis as FANFARE_ENGINE. */
export async function startNodes({
  count = 2,
  redis: how,
  readyWithinMs = READY_MS,
  ...options
}: NodesOptions): Promise<Nodes> {
  const redis = await startRedis(how);
  const env = { ...options.env, FANFARE_ENGINE: redis.url };
  const started = await Promise.allSettled(
    Array.from({ length: count }, () => startServerProcess({ ...options, env, readyWithinMs })),
  );
  const all = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const nodes = new Nodes(redis, all);
  const failed = started.find((one) => one.status === 'rejected');
  if (failed === undefined) return nodes;
  await nodes[Symbol.asyncDispose]();
  throw failed.reason;
}
