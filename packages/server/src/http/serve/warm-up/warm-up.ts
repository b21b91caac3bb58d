/**
 * Warms the code up before the port is opened: hubs that are thrown away are visited by some hundreds of clients of ours, so that
 * whoever comes first, which after a restart is everybody at once, meets code that is compiled. Nothing else is left of it: no event,
 * no count, no entry of the audit trail, and nothing in the data folder.
 */
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { Worker } from 'node:worker_threads';
import { type HubEventSource, logHubEvents } from '../../../observe/hub-log.ts';
import { createLogger, type Logger } from '../../../observe/logger.ts';
import type { ServerConfig } from '../config/server-config.ts';
import type { ServedHub } from '../served-hub.ts';
import type { StartOptions } from '../start-options.ts';
import { startServer } from '../start-server.ts';
import { compileEagerly } from './eager-compiling.ts';
import type { Visit } from './visitors.ts';

export interface WarmUpOptions {
  /** What the server will be started with. `warmUp` false: nothing is done. */
  readonly config: StartOptions['config'] & Pick<ServerConfig, 'warmUp' | 'transports'>;
  /** Told in one line how long it took. */
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** A hub like the one that will be served, on an engine in memory. It is closed when it is over. */
  readonly makeHub: (stage: WarmUpStage) => ServedHub & HubEventSource;
  /** Then it is broken off. @default 1500 */
  readonly maxMs?: number;
}

/** What a hub must have for its visitors, and keep for itself. */
export interface WarmUpStage {
  /** Pattern of channels of the kind `log` that everybody may read. Nobody else knows it. */
  readonly pattern: string;
  readonly apiKey: string;
  /** Says nothing. */
  readonly logger: Logger;
}

interface Stage {
  readonly live: ServedHub;
  readonly server: Server;
  readonly port: number;
}

const MAX_MS = 1500;
/**
 * More than one: what belongs to the only hub that V8 has seen it takes for a constant, and throws the code away when it meets the
 * real one.
 */
const HUBS = 2;
const LOOPBACK = '127.0.0.1';
/** The same, and nothing else, for a socket of IPv6: addresses then read as they do on a server that listens everywhere. */
const MAPPED_LOOPBACK = '::ffff:127.0.0.1';

/** Resolves when it is over, after `maxMs` and a moment at most. Never rejects: what goes wrong is logged, and the server starts cold. */
export async function warmUp(options: WarmUpOptions): Promise<void> {
  const { config, logger, maxMs = MAX_MS } = options;
  if (!config.warmUp) return;
  const startedAt = performance.now();
  const stages: Stage[] = [];
  const asUsual = compileEagerly();
  let visitors: Worker | undefined;
  try {
    // In a thread of their own, so that what clients do is no part of what V8 has seen of the server; it starts while the hubs are made.
    // Where Node may start none (`--permission`), it throws.
    visitors = new Worker(new URL('./visitors.js', import.meta.url), { execArgv: [] });
    const visited = over(visitors, maxMs);
    visitors.postMessage(await setStages(options, stages));
    const isWhole = await visited;
    const ms = Math.round(performance.now() - startedAt);
    if (isWhole) logger.info({ ms }, 'warmed up');
    else logger.info({ ms }, 'warmed up in part: it took too long');
  } catch (err) {
    logger.warn({ err }, 'not warmed up: going on without');
  } finally {
    asUsual();
    await visitors?.terminate();
    for (const { server } of stages) server.close();
    // Not drained: whoever is left is of ours, and gone.
    await Promise.all(stages.map(({ live }) => live.close()));
  }
}

/** `stages`: each is added as soon as it listens. */
async function setStages({ config, makeHub }: WarmUpOptions, stages: Stage[]): Promise<Visit> {
  const logger = await createLogger({ level: 'silent', destination: { write: () => {} } });
  const area = `warm-up-${secret()}`;
  const apiKey = secret();
  const hosts = config.host === '' || config.host === '::' ? [MAPPED_LOOPBACK, LOOPBACK] : [LOOPBACK];
  for (let made = 0; made < HUBS; made += 1) {
    const live = makeHub({ pattern: `${area}:{name}`, apiKey, logger });
    logHubEvents(live, logger);
    const start = (host: string) => startServer({ config: { ...config, host, port: 0 }, live, logger });
    const { server, port } = await firstOf(hosts, start).catch(async (error: unknown) => {
      await live.close();
      throw error;
    });
    stages.push({ live, server, port });
  }
  const ports = stages.map(({ port }) => port);
  return { host: LOOPBACK, ports, channel: `${area}:visit`, apiKey, transports: config.transports };
}

/** A machine may have no IPv6. */
async function firstOf<T>(
  [host = LOOPBACK, ...others]: readonly string[],
  start: (host: string) => Promise<T>,
): Promise<T> {
  try {
    return await start(host);
  } catch (error) {
    if (others.length === 0) throw error;
    return firstOf(others, start);
  }
}

/** Resolves when the visitors are gone; false: it took too long. */
function over(visitors: Worker, maxMs: number): Promise<boolean> {
  const gone = new Promise<boolean>((resolve, reject) => {
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      void visitors.terminate();
    }, maxMs);
    visitors.once('error', reject);
    visitors.once('exit', () => {
      clearTimeout(late);
      resolve(!isLate);
    });
  });
  // Nobody may be waiting yet.
  gone.catch(() => {});
  return gone;
}

function secret(): string {
  return randomBytes(16).toString('hex');
}
