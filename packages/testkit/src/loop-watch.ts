/**
 * Preloaded into a server under test (`--import`): how long the turns of its event loop take, told over the channel to its parent.
 *
 * `wall` is Node's own `monitorEventLoopDelay`: it also counts the time in which the machine let others run. `net` is the same
 * without that time, by the kernel's account of it, of this thread and of those that it waits for; `work` is the processor time of a turn. What a server does to itself, blocked on a
 * disk included, is in `net`; what its neighbours do is not.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createHistogram, monitorEventLoopDelay, type RecordableHistogram } from 'node:perf_hooks';
import { LEAST_TURNS, type LoopReport, type LoopTimes, latenessOf } from './loop-report.ts';

const RESOLUTION_MS = 5;
const NS_PER_US = 1000;

const wall = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
let net = createHistogram();
let work = createHistogram();
const helpers = threadsBesideMain();
let before = look();
let begun = before;

interface Look extends Schedule {
  readonly at: bigint;
  /** Microseconds of all threads. */
  readonly cpu: number;
  /** Of each helper, in the order of `helpers`. */
  readonly helpers: readonly bigint[];
}

/** Nanoseconds since a thread began. */
interface Schedule {
  readonly ran: bigint;
  /** In line for a processor. */
  readonly waited: bigint;
}

function look(): Look {
  const { user, system } = process.cpuUsage();
  const at = process.hrtime.bigint();
  return { at, cpu: user + system, ...scheduleOf(process.pid), helpers: helpers.map((id) => scheduleOf(id).waited) };
}

/** The threads that V8 has from the start; none where the kernel does not tell. */
function threadsBesideMain(): number[] {
  try {
    return readdirSync('/proc/self/task')
      .map(Number)
      .filter((id) => id !== process.pid);
  } catch {
    return [];
  }
}

/** 0 where the kernel does not tell: then `net` is the wall clock. */
function scheduleOf(thread: number): Schedule {
  try {
    const [ran = '0', waited = '0'] = readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ');
    return { ran: BigInt(ran), waited: BigInt(waited) };
  } catch {
    return { ran: 0n, waited: 0n };
  }
}

function turn(): void {
  const now = look();
  const late = latenessOf({
    elapsed: Number(now.at - before.at),
    asleep: RESOLUTION_MS * 1e6,
    ran: Number(now.ran - before.ran),
    waited: Number(now.waited - before.waited),
    helperWaited: Math.max(
      0,
      ...now.helpers.map((waited, index) => Number(waited - (before.helpers[index] ?? waited))),
    ),
  });
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
