/** Keeps every thread busy that hashes and reads files, for as long as a test needs it: what is waiting stays waiting. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What libuv has, unless it is told otherwise. */
const THREADS = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);

/** Each thread opens a pipe that nobody writes to, and comes back when somebody does. */
export function holdThreads(): AsyncDisposable {
  const folder = mkdtempSync(join(tmpdir(), 'fanfare-threads-'));
  const pipes = Array.from({ length: THREADS }, (_, index) => join(folder, `${index}`));
  const { status } = spawnSync('mkfifo', pipes);
  if (status !== 0) throw new Error('mkfifo failed');
  const held = pipes.map((pipe) => open(pipe, 'r'));
  return {
    async [Symbol.asyncDispose]() {
      for (const pipe of pipes) closeSync(openSync(pipe, 'w'));
      for (const file of held) await (await file).close();
      rmSync(folder, { recursive: true });
    },
  };
}
