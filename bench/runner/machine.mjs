/** What the figures were measured on, for the head of the report. */
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';

export function machine() {
  const [cpu] = cpus();
  return {
    node: process.version,
    system: `${platform()} ${release()} ${arch()}`,
    cpu: `${cpus().length} x ${cpu?.model.trim() ?? 'unknown'}`,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: loadavg()[0],
    startedAt: new Date().toISOString(),
  };
}
