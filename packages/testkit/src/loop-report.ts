/** What a watched server tells of its event loop. */

/** Milliseconds. */
export interface LoopTimes {
  readonly p99: number;
  readonly max: number;
}

/** Since it was asked last. */
export interface LoopReport {
  /** How late turns began, by the clock on the wall: `perf_hooks.monitorEventLoopDelay`. */
  readonly wall: LoopTimes;
  /** The same without the time in which the process stood in line for a processor: see `latenessOf`. */
  readonly net: LoopTimes;
  /** Processor time of a turn, of all threads of the process. */
  readonly work: LoopTimes;
  readonly turns: number;
  readonly elapsedMs: number;
  /** Stood in line for a processor. */
  readonly waitedMs: number;
}

/** A turn of the loop of the main thread; nanoseconds. */
export interface Turn {
  readonly elapsed: number;
  /** It was told to sleep for so long. */
  readonly asleep: number;
  /** On a processor. */
  readonly ran: number;
  /** Stood in line for one. */
  readonly waited: number;
  /** Of the threads that help it, the one that stood in line the longest. */
  readonly helperWaited: number;
}

/**
 * How much later a turn ended than its sleep, without what the machine took from it: its own time in line, and the time in which it
 * neither ran nor stood in line while a helper did. The main thread waits for its helpers in the middle of a garbage collection:
 * one that was not let run is the machine's doing too. What it computed is in it, whatever its helpers did.
 */
export function latenessOf({ elapsed, asleep, ran, waited, helperWaited }: Turn): number {
  const blocked = Math.max(0, elapsed - waited - ran - asleep);
  return elapsed - waited - asleep - Math.min(blocked, helperWaited);
}

/** What reliability.md asks of the event loop while it is attacked: p99, milliseconds. */
const MOST_P99_MS = 50;
/** The p99 of fewer turns is one of them, and chance: a report is of no fewer. */
export const LEAST_TURNS = 200;

/** What is wrong with a loop that was attacked; undefined: nothing. */
export function lateness(report: LoopReport): string | undefined {
  const { p99 } = report.net;
  return p99 < MOST_P99_MS ? undefined : `p99 of ${p99} ms: ${JSON.stringify(report)}`;
}
