/** How long processes stood in line for a processor: what a test on a busy machine may take off what it measured. */
import { readFileSync } from 'node:fs';

const NS_PER_MS = 1e6;

/** Milliseconds since the process began in which its main thread could have run and was not let; 0 where the kernel does not tell. */
export function processorWaitMs(pid: number | undefined): number {
  try {
    const [, waited = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ');
    return Number(waited) / NS_PER_MS;
  } catch {
    return 0;
  }
}
