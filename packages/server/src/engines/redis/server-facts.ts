/** What is asked of a Redis server before it is used: which run of it this is, what it keeps, and whether it will do. */
import type { Ack } from '@fanfare/protocol';
import type { RedisClient } from './driver.ts';

export interface ServerFacts {
  /** Names this run of the server: another one after every start. */
  readonly run: string;
  /**
   * What an ack means here. `durable`: on disk before the answer (appendfsync always). `committed`: in a log that a kill of
   * Redis leaves whole but for a slow disk. `accepted`: in memory, and in the next snapshot.
   */
  readonly ack: Ack;
  /** It was a replica earlier in this run: what the primary before it had answered for may not have reached it. */
  readonly wasPromoted: boolean;
}

const OLDEST: readonly [number, number] = [6, 2];

/** Throws an Error whose message says why this server cannot be used, now or at all. */
export async function inspectServer(client: RedisClient): Promise<ServerFacts> {
  const facts = parseFacts(await client.info());
  const fact = (name: string): string => facts.get(name) ?? '';
  const [major = 0, minor = 0] = fact('redis_version').split('.').map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    throw new Error(`Redis ${fact('redis_version')} is too old: ${OLDEST.join('.')} or newer is needed.`);
  }
  if (fact('loading') === '1') throw new Error('Redis is still loading its data.');
  if (fact('cluster_enabled') === '1') throw new Error('This Redis is a cluster: a single primary is needed.');
  if (fact('role') !== 'master') throw new Error('This Redis is a replica: the primary is needed.');
  const policy = fact('maxmemory_policy');
  if (fact('maxmemory') !== '0' && policy.startsWith('allkeys')) {
    throw new Error(`Redis evicts keys when memory is short (${policy}): set maxmemory-policy to noeviction.`);
  }
  return {
    run: fact('run_id'),
    ack: fact('aof_enabled') === '1' ? await ackOfLog(client) : 'accepted',
    wasPromoted: !['-1', ''].includes(fact('second_repl_offset')),
  };
}

/** Where CONFIG is not allowed, as with many hosted servers, the default is assumed: a sync every second. */
async function ackOfLog(client: RedisClient): Promise<Ack> {
  const answer = await client.config('GET', 'appendfsync').catch(() => []);
  return Array.isArray(answer) && answer[1] === 'always' ? 'durable' : 'committed';
}

function parseFacts(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\r\n').filter((line) => line.includes(':'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
}
