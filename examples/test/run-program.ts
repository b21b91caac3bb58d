/** An example as a child process: to its end, or until the test has seen enough. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Beside the path of the machine; nothing else of this process's environment reaches an example. */
  readonly env: Readonly<Record<string, string>>;
}

export class RunningProgram {
  stdout = '';
  stderr = '';
  /** The exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  constructor({ command, args, env }: Program) {
    // A group of its own: a shell's children end with it.
    const child = spawn(command, args, {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null));
  }

  get lines(): readonly string[] {
    return this.stdout.split('\n').filter((line) => line !== '');
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.#child.kill('SIGINT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
    await this.ended;
  }
}

/** Resolves when it has ended. */
export async function runProgram(program: Program): Promise<RunningProgram & { readonly code: number | null }> {
  const running = new RunningProgram(program);
  return Object.assign(running, { code: await running.ended });
}

/** Whether a command answers what is expected when it is asked for its version: a stub of a name is no language. */
export function isInstalled(command: string, { ask, expected }: { ask: readonly string[]; expected: RegExp }): boolean {
  const { status, stdout } = spawnSync(command, ask, { encoding: 'utf8' });
  return status === 0 && expected.test(stdout);
}
