/**
 * Preloaded into a server under test (`--import`): how long the turns of its event loop take, told over the channel to its parent.
 *
 * `wall` is Node's own `monitorEventLoopDelay`: it also counts the time in which the machine let others run. `net` is the same
 * without that time, by the kernel's account of it; `work` is the processor time of a turn. What a server does to itself, blocked on a
 * disk included, is in `net`; what its neighbours do is not.
 */
import { readFileSync } from 'node:fs';
import { createHistogram, monitorEventLoopDelay, type RecordableHistogram } from 'node:perf_hooks';
import { LEAST_TURNS, type LoopReport, type LoopTimes } from './loop-report.ts';

const RESOLUTION_MS = 5;
const NS_PER_US = 1000;

const wall = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let net = createHistogram();
let work = createHistogram();
let before = look();
let begun = before;

/** Wall clock, time in line for a processor (nanoseconds), and processor time (microseconds) of this process. */
function look(): { readonly at: bigint; readonly waited: bigint; readonly cpu: number } {
  const { user, system } = process.cpuUsage();
  return { at: process.hrtime.bigint(), waited: waitedNs(), cpu: user + system };
}

/** Of the main thread; 0 where the kernel does not tell: then `net` is the wall clock. */
function waitedNs(): bigint {
  try {
    return BigInt(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[1] ?? '0');
  } catch {
    return 0n;
  }
}

function turn(): void {
  const now = look();
  const late = Number(now.at - before.at - (now.waited - before.waited)) - RESOLUTION_MS * 1e6;
  record(net, late / NS_PER_US);
  record(work, now.cpu - before.cpu);
  before = now;
  setTimeout(turn, RESOLUTION_MS).unref();
}

function record(histogram: RecordableHistogram, microseconds: number): void {
  histogram.record(Math.max(1, Math.round(microseconds)));
}

function report(): LoopReport {
  const now = look();
  const told = {
    wall: times(wall, 1e6),
    net: times(net, NS_PER_US),
    work: times(work, NS_PER_US),
    turns: net.count,
    elapsedMs: Number(now.at - begun.at) / 1e6,
    waitedMs: Number(now.waited - begun.waited) / 1e6,
  };
  wall.reset();
  net = createHistogram();
  work = createHistogram();
  begun = now;
  return told;
}

function times(histogram: { percentile(p: number): number; readonly max: number }, unit: number): LoopTimes {
  return { p99: histogram.percentile(99) / unit, max: histogram.max / unit };
}

/** Tells once there are turns enough for a p99: of ten it is the worst one, and chance. */
function tell(): void {
  if (net.count >= LEAST_TURNS) process.send?.(report());
  else setTimeout(tell, RESOLUTION_MS);
}

wall.enable();
setTimeout(turn, RESOLUTION_MS).unref();
process.on('message', (message) => {
  if (message === 'loop?') tell();
});
// The channel alone keeps no server alive that has nothing else to do.
process.channel?.unref();
