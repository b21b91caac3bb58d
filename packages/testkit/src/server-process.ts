/** A server as a child process on a free port, that a test may kill -9 and start again on the same port and data. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endsWithUs } from './ends-with-us.ts';
import type { LoopReport } from './loop-report.ts';

export interface ServerProcessOptions {
  /** Path of the script, run by the Node that runs the test. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Beside PORT and FANFARE_DATA, which are set for it. */
  readonly env?: Readonly<Record<string, string>>;
  /** For what never comes: a machine that is busy with others takes its time. @default 60 s */
  readonly readyWithinMs?: number;
  /** Its event loop is watched from the inside, for `loop()`. @default false */
  readonly watchesLoop?: boolean;
}

const LOOP_WATCH = new URL('./loop-watch.js', import.meta.url).href;

export class ServerProcess {
  readonly port: number;
  readonly dataFolder: string;
  /** Everything it printed, over all its lives. */
  output = '';
  readonly #options: ServerProcessOptions;
  #child: ChildProcess | undefined;

  constructor(options: ServerProcessOptions, place: { readonly port: number; readonly dataFolder: string }) {
    this.#options = options;
    this.port = place.port;
    this.dataFolder = place.dataFolder;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and resolves when /readyz answers 200; rejects with what it printed when it does not in time. `more`: for this life only. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const { script, args = [], env = {}, readyWithinMs = 60_000, watchesLoop = false } = this.#options;
    const child = spawn(process.execPath, [...(watchesLoop ? ['--import', LOOP_WATCH] : []), script, ...args], {
      env: { ...process.env, PORT: String(this.port), FANFARE_DATA: this.dataFolder, ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe', ...(watchesLoop ? (['ipc'] as const) : [])],
    });
    this.#child = endsWithUs(child);
    const hear = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const deadline = Date.now() + readyWithinMs;
    while (!(await answers(`${this.url}/readyz`))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${script} is not ready:\n${this.output}`);
    }
  }

  /** Sends a signal and waits for the end; resolves to the exit code, null after SIGKILL. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  /** How long turns of its event loop took since this was asked last. Needs `watchesLoop`. */
  async loop(): Promise<LoopReport> {
    const child = this.#child;
    if (child?.channel == null) throw new Error('nobody watches the loop of this server');
    const told = once(child, 'message');
    child.send('loop?');
    const [report]: LoopReport[] = await told;
    if (report === undefined) throw new Error('no report');
    return report;
  }

  /** kill -9, then the same again on what is left on disk. */
  async crashAndRestart(): Promise<void> {
    await this.stop('SIGKILL');
    await this.start();
  }

  /** kill -9, and the disk is gone as well: the next life begins with a history of its own. */
  async crashAndLoseAll(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.dataFolder, { recursive: true, force: true });
    await mkdir(this.dataFolder);
  }

  /** Takes its processor away, as an overcommitted machine does: its sockets stay, and nobody answers. */
  pause(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.dataFolder, { recursive: true, force: true });
  }
}

export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'fanfare-test-'));
  const server = new ServerProcess(options, { port: await freePort(), dataFolder });
  try {
    await server.start();
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  return server;
}

/** Below what systems give to whoever asks for any port (Linux: from 32 768), and above what `fetch` and browsers refuse. */
const PORTS = { from: 11_000, to: 32_000 };

/**
 * A port that was free a moment ago, and that nobody gets who does not ask for it by its number: a child takes seconds to start, or is
 * dead for a while, and another test's server, or a connection of anybody, must not have its port by then.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

/** One probe; waits a moment itself when nobody listens, so that a caller may simply ask again. */
async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    await response.arrayBuffer();
    if (response.ok) return true;
  } catch {
    // Not listening yet.
  }
  await new Promise((resolve) => setTimeout(resolve, 25));
  return false;
}
