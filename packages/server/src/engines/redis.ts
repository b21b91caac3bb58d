/** The engine of several processes: whoever opens the same Redis shares one hub. */
import { describeValue } from '@fanfare/protocol';
import type { Engine } from '../core/ports/broker.ts';
import type { Clock } from '../core/ports/clock.ts';
import { newEpoch } from './history.ts';
import { IDEMPOTENCY_DEFAULTS, type IdempotencyBounds } from './idempotency-window.ts';
import { CommandQueue } from './redis/command-queue.ts';
import { loadDriver } from './redis/driver.ts';
import { KeyLayout } from './redis/key-layout.ts';
import { LinkPair } from './redis/link-pair.ts';
import { RedisBroker } from './redis/redis-broker.ts';

/** Options of `redis()`. */
export interface RedisOptions {
  /** Stands before every name in Redis. Hubs that share a Redis and not their events have one each. @default 'fanfare:' */
  readonly prefix?: string;
  /** How long Redis may take to answer, and how long an append waits for a connection that broke just now. @default 2000 */
  readonly timeoutMs?: number;
  /** Appends and reads that may wait for their answer; beyond it they are refused. @default 50_000 */
  readonly maxPending?: number;
  /** How many idempotency keys are remembered, and for how long. @default 100,000 for 24 hours */
  readonly idempotency?: Partial<IdempotencyBounds>;
  /** @default the clock of Redis, one for all servers */
  readonly clock?: Pick<Clock, 'wallTime'>;
}

/**
 * Opens the engine and connects in the background: `health` says when it is ready. `url`: redis://[user:password@]host[:port][/db],
 * or rediss:// for TLS. What an ack means depends on how Redis writes its log: `durable` with appendfsync always, `committed`
 * with another, `accepted` without. Throws a TypeError for a URL or an option that is none, and where the package ioredis is missing.
 */
export function redis(url: string, options: RedisOptions = {}): Engine {
  const { prefix = 'fanfare:', timeoutMs = 2000, maxPending = 50_000, clock } = options;
  for (const [name, value] of Object.entries({ timeoutMs, maxPending })) {
    if (!(value > 0)) throw new TypeError(`redis: ${name}: expected a number above 0, got ${describeValue(value)}.`);
  }
  const keys = new KeyLayout(prefix, databaseOf(url));
  const origin = newEpoch();
  const queue = new CommandQueue(() => links.commands, { timeoutMs, maxPending });
  const broker = new RedisBroker({
    queue,
    keys,
    clock,
    origin,
    idempotency: { ...IDEMPOTENCY_DEFAULTS, ...options.idempotency },
    server: () => links.server,
    onRefused: (client) => links.subscription.drop(client, 'Redis does not take subscriptions.'),
    publish: (live, message) => void links.commands.client?.publish(live, message).catch(() => undefined),
  });
  const links = new LinkPair({
    open: loadDriver(url),
    keys,
    origin,
    timeoutMs,
    onCommands: () => queue.flush(),
    onSubscription: (client) => broker.feeds.up(client),
    onSubscriptionLost: () => broker.feeds.down(),
  });
  let closed = false;
  return {
    name: 'redis',
    broker,
    health() {
      const reason = closed ? 'The engine is closed.' : links.reason;
      return reason === undefined ? { ready: true } : { ready: false, reason, shown: links.shown ?? reason };
    },
    async close() {
      if (closed) return;
      closed = true;
      await queue.close();
      broker.close();
      links.close();
    },
  };
}

const NOWHERE = { hostname: '', pathname: '', protocol: '' };

/** Throws a TypeError for what is no URL of a Redis. The password in it is in no message. */
function databaseOf(url: string): number {
  const { hostname, pathname, protocol } = URL.canParse(url) ? new URL(url) : NOWHERE;
  const database = Number(pathname.slice(1));
  if (!['redis:', 'rediss:'].includes(protocol) || hostname === '' || !Number.isSafeInteger(database)) {
    throw new TypeError('redis: expected a URL such as redis://127.0.0.1:6379 or rediss://user:password@host/0.');
  }
  return database;
}
