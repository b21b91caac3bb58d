/** The orderly end of a server: stop accepting, send the streams away, finish what is being answered, let go of the engine. */
import type { Server } from 'node:http';
import type { Logger } from '../../observe/logger.ts';
import type { Front } from '../front/front.ts';
import type { ServedHub } from './served-hub.ts';

export interface Leaving {
  readonly server: Server;
  readonly live: ServedHub;
  readonly logger: Logger;
  readonly lanes?: { close(): void } | undefined;
  /** undefined: there is none. */
  readonly front?: Front | undefined;
}

/** Together under the 30 s that supervisors give before they kill. */
const DRAIN_MS = 15_000;
/** Clients come back in the order they were sent away: so many at a time hurt no successor, and a handful need not wait. */
const DRAIN_MS_PER_CONNECTION = 20;
const LONGEST_SPREAD_MS = 10_000;
/** For what is being answered, from the start on: what hangs has had the time of the drain, and only a moment more. */
const REQUESTS_MS = 5_000;
const LAST_REQUESTS_MS = 1_000;
const ENGINE_MS = 5_000;
const SWEEP_MS = 50;

/** Never rejects: whatever step fails or takes too long is logged, and the next one follows. */
export async function shutDown(leaving: Leaving): Promise<void> {
  const { server, live, logger, lanes, front } = leaving;
  const startedAt = performance.now();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // Who publishes has an answer to each request, and takes the end of the connection for what it is.
  lanes?.close();
  const overMs = Math.min(LONGEST_SPREAD_MS, live.stats().connections * DRAIN_MS_PER_CONNECTION);
  await step(leaving, { what: 'drain', ms: DRAIN_MS, done: live.drain({ overMs }) });
  // A keep-alive connection becomes idle only after its answer; Node closes those that are idle when asked.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const requestsMs = Math.max(LAST_REQUESTS_MS, Math.round(startedAt + REQUESTS_MS - performance.now()));
  await step(leaving, { what: 'open requests', ms: requestsMs, done: closed });
  clearInterval(sweep);
  server.closeAllConnections();
  front?.close();
  await step(leaving, { what: 'engine', ms: ENGINE_MS, done: live.close() });
  logger.info({ ms: Math.round(performance.now() - startedAt) }, 'closed');
}

interface Step {
  readonly what: string;
  readonly ms: number;
  readonly done: Promise<void>;
}

async function step({ logger }: Leaving, { what, ms, done }: Step): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  try {
    if ((await Promise.race([done, late])) === 'late') {
      logger.warn({ what, ms }, 'not done in time, going on');
    }
  } catch (error) {
    logger.error({ what, err: error }, 'failed while closing, going on');
  } finally {
    clearTimeout(timer);
  }
}
