/** What the server's processes used, as Linux says; elsewhere the columns stay empty. */
import { readFileSync } from 'node:fs';

/** Linux counts CPU time in ticks of 10 ms. */
const TICK_US = 10_000;

/** User and system microseconds; NaN where it cannot be known. */
export function cpuUs(pids) {
  try {
    let ticks = 0;
    for (const pid of pids) {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    }
    return ticks * TICK_US;
  } catch {
    return Number.NaN;
  }
}

/** Kilobytes of memory of their own (proportional set size without files); NaN where it cannot be known. */
export function memoryKb(pids) {
  try {
    let kb = 0;
    for (const pid of pids) {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
      for (const name of ['Pss_Anon', 'Pss_Shmem'])
        kb += Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    }
    return kb;
  } catch {
    return Number.NaN;
  }
}
