/**
 * Commands of `fanfare` that end by themselves, in one process for all that a file tries: half a second of start that says nothing new each time.
 * That the process itself does what its command says (arguments, exit code, output), `cli.test.ts` shows.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface CommandLine {
  readonly folder: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const CHILD = fileURLToPath(new URL('./commands-child.mjs', import.meta.url));

export class Commands implements AsyncDisposable {
  readonly #child: ChildProcess = fork(CHILD, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  #last: Promise<unknown> = Promise.resolve();

  /** One at a time, in the order that they were asked for. Rejects when the process ends instead. */
  run(line: CommandLine): Promise<Ended> {
    const ended = this.#last.then(() => this.#runNow(line));
    this.#last = ended.catch(() => {});
    return ended;
  }

  async #runNow({ folder, args, env }: CommandLine): Promise<Ended> {
    const over = new AbortController();
    const { signal } = over;
    const told = once(this.#child, 'message', { signal }).then(([ended]): Ended => ended);
    const gone = once(this.#child, 'exit', { signal }).then(([code]) => {
      throw new Error(`fanfare ${args.join(' ')} ended the process with ${code}`);
    });
    this.#child.send({ folder, args, env: { PATH: process.env['PATH'] ?? '', ...env } });
    try {
      return await Promise.race([told, gone]);
    } finally {
      gone.catch(() => {});
      told.catch(() => {});
      over.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill();
    await exited;
  }
}
