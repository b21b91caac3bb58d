import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished, vi } from 'vitest';

const PARENT = fileURLToPath(new URL('./left-alone.mjs', import.meta.url));

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it.each(['is told to end', 'comes to its end'])('a child that nobody put away ends when its parent %s', async (how) => {
  const parent = fork(PARENT);
  const [pids]: number[][] = await once(parent, 'message');
  onTestFinished(() => {
    for (const pid of pids?.filter(lives) ?? []) process.kill(pid, 'SIGKILL');
  });
  expect(pids?.map(lives)).toEqual([true, true]);

  const ended = once(parent, 'exit');
  if (how === 'is told to end') parent.kill('SIGTERM');
  else parent.send('end');

  expect(await ended).toEqual(how === 'is told to end' ? [null, 'SIGTERM'] : [0, null]);
  await vi.waitFor(() => expect(pids?.map(lives)).toEqual([false, false]), { timeout: 20_000 });
});
