/** Children that end with the process that started them, whatever became of the test that should have ended them. */
import type { ChildProcess } from 'node:child_process';

const living = new Set<ChildProcess>();

/**
 * Hands back the child. It is killed when this process comes to its end or is told to end, as the runner tells its workers: a test
 * that timed out never gets to what it should have put away. Not when this process is killed: then nobody is left to do it.
 */
export function endsWithUs<C extends ChildProcess>(child: C): C {
  if (living.size === 0) listen('on');
  living.add(child);
  child.once('exit', () => {
    living.delete(child);
    if (living.size === 0) listen('off');
  });
  return child;
}

function listen(way: 'on' | 'off'): void {
  process[way]('exit', endAll)[way]('SIGTERM', endAllAndUs);
}

function endAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** Who listens is no longer ended by the signal: it is sent again when nobody of us does. */
function endAllAndUs(): void {
  endAll();
  listen('off');
  process.kill(process.pid, 'SIGTERM');
}
