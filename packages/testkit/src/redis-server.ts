/** A real Redis, as a child on a free port with a folder of its own: to be paused, killed, started again and asked. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endsWithUs } from './ends-with-us.ts';
import { freePort } from './server-process.ts';

export interface RedisServerOptions {
  /** Settings as on its command line. @default an append-only log, synced every second */
  readonly settings?: readonly string[];
}

const APPEND_ONLY = ['--appendonly', 'yes', '--save', ''];

export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #settings: readonly string[];
  #child: ChildProcess | undefined;

  constructor(place: { readonly port: number; readonly folder: string }, settings: readonly string[]) {
    this.port = place.port;
    this.#folder = place.folder;
    this.#settings = settings;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it, for the first time or again with what it kept. Resolves when it answers. */
  async start(): Promise<void> {
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    const child = spawn(findRedis() ?? 'redis-server', [...place, ...this.#settings], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = endsWithUs(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    const failed = new Promise<never>((_, reject) => {
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`redis-server ended: ${output}`)));
    });
    await Promise.race([this.#answers(), failed]);
    failed.catch(() => undefined); // It ends with the test.
  }

  /** Stops all of it where it stands: connections stay, and nothing is answered. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  /** Ends it as a crash would; `SIGTERM`: in order. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  /** One command, its words without spaces; its answer as Redis writes it. Rejects after 5 s. */
  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.port, host: '127.0.0.1', timeout: 5000 });
      let answer = '';
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString();
      });
      socket.on('timeout', () => socket.destroy(new Error(`no answer to ${command}`)));
      socket.on('error', reject);
      socket.on('end', () => resolve(answer.replace('+OK\r\n', '').trimEnd() || 'OK'));
      // QUIT makes it end the connection behind its answer.
      socket.write(`${command}\r\nQUIT\r\n`);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Resolves when it serves, its data loaded; gives up after 20 s. */
  async #answers(): Promise<void> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const answer = await this.ask('PING').catch(() => '');
      if (answer.startsWith('+PONG') || answer.startsWith('-NOAUTH')) return;
      if (Date.now() > deadline) throw new Error('redis-server does not answer');
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/**
 * Path of the redis-server of this machine. Where there is none, tests that need it are skipped with one visible line; in CI
 * they are not, and fail.
 */
export function findRedis(): string | undefined {
  const found = ['redis-server', '/usr/bin/redis-server', '/usr/local/bin/redis-server'].find(
    (path) => spawnSync(path, ['--version']).status === 0,
  );
  if (found !== undefined) return found;
  if (process.env['CI'] === 'true') return 'redis-server';
  process.stderr.write('redis-server is not installed here: the tests behind it are skipped.\n');
  return undefined;
}

export async function startRedis({ settings = APPEND_ONLY }: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-redis-'));
  const server = new RedisServer({ port: await freePort(), folder }, settings);
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}
