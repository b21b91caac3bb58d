/** The server under attack in a process of its own, and the question after every attack: is it unharmed? */
import { fileURLToPath } from 'node:url';
import { lateness, type ServerProcess, startServerProcess } from '@fanfare/testkit';
import { expect, vi } from 'vitest';

export const ATTACK_KEY = 'key-of-the-backend-under-attack';
const SCRIPT = fileURLToPath(new URL('./attack-child.mjs', import.meta.url));

export interface Gauges {
  readonly connections: number;
  readonly subscriptions: number;
  readonly channels: number;
  readonly published: number;
  readonly limitHits: Readonly<Record<string, number>>;
}

/** Bytes, after a collection. */
export interface Memory {
  readonly heapUsed: number;
  readonly rss: number;
}

export interface AttackServer extends AsyncDisposable {
  readonly process: ServerProcess;
  readonly port: number;
  readonly url: string;
  gauges(): Promise<Gauges>;
  memory(): Promise<Memory>;
  /**
   * The same process lives, answers, holds what it held, logged no fault, and its loop was never late for long: p99 of its delay,
   * without what the machine gave to others, under 50 ms. Waits until everybody has left.
   */
  expectUnharmed(): Promise<void>;
}

/** With defaults, in memory; `env` only for what a test is about. */
export async function startAttacked(env: Readonly<Record<string, string>> = {}): Promise<AttackServer> {
  const child = await startServerProcess({
    script: SCRIPT,
    env: { FANFARE_API_KEY: ATTACK_KEY, FANFARE_ENGINE: 'memory', ...env },
    watchesLoop: true,
  });
  const { pid } = child;
  const json = async (path: string): Promise<unknown> => (await fetch(child.url + path)).json();
  const gauges = async (): Promise<Gauges> => (await json('/gauges')) as Gauges;
  const call = async (name: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${child.url}/live/api/${name}`, {
      method: 'POST',
      headers: { 'X-API-Key': ATTACK_KEY, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return answer.json();
  };
  await call('publish', { channel: 'log:kept', event: 'kept', data: 'kept' });
  await call('set', { channel: 'state:kept', data: 'kept' });
  await child.loop();
  return {
    process: child,
    port: child.port,
    url: child.url,
    gauges,
    memory: async () => (await json('/memory')) as Memory,
    async expectUnharmed() {
      expect(lateness(await child.loop())).toBeUndefined();
      await vi.waitFor(
        async () => expect(await gauges()).toMatchObject({ connections: 0, subscriptions: 0, channels: 0 }),
        { timeout: 20_000, interval: 50 },
      );
      for (const channel of ['log:kept', 'state:kept']) {
        expect(await call('history', { channel })).toMatchObject({ events: [{ data: 'kept' }] });
      }
      expect(child.pid).toBe(pid);
      expect(child.output).not.toMatch(/"level":(50|60)|unhandledRejection|Uncaught/);
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
