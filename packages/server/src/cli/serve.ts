/** `fanfare serve`: a hub with the public channels and the backend API, configured from outside. */
import { join } from 'node:path';
import type { Engine } from '../core/index.ts';
import { memory, redis, sqlite } from '../engines/index.ts';
import { ensureDataFolder, keepApiKey } from '../http/serve/api-key-file.ts';
import { loadConfig } from '../http/serve/config/load-config.ts';
import type { ServerConfig } from '../http/serve/config/server-config.ts';
import { StartError } from '../http/serve/start-error.ts';
import { startServer } from '../http/serve/start-server.ts';
import { warmUp } from '../http/serve/warm-up/warm-up.ts';
import { type ChannelMap, createFanfare, type Fanfare, log } from '../index.ts';
import { logHubEvents } from '../observe/hub-log.ts';
import { createLogger, type Logger } from '../observe/logger.ts';
import { readAccessFile, type ServedAccess } from './access-file.ts';
import { firstSteps } from './first-steps.ts';

/** Exit code: 0 while serving (signals end the process), 1 with one clear line when it cannot, 2 for an unknown flag. */
export async function serve(argv: readonly string[]): Promise<number> {
  const outcome = loadConfig({ argv });
  const isCheck = argv.includes('--check-config');
  for (const warning of outcome.warnings) {
    console.error(`fanfare: ${isCheck ? 'error' : 'warning'}: ${warning}`);
  }
  if (outcome.kind === 'invalid') {
    for (const problem of outcome.problems) {
      console.error(`fanfare: error: ${problem}`);
    }
    return outcome.exitCode;
  }
  const read = readAccessFile(outcome.config.access);
  if (read.kind === 'invalid') {
    for (const problem of read.problems) console.error(`fanfare: error: ${problem}`);
    return 1;
  }
  if (isCheck) {
    console.log(
      outcome.warnings.length === 0 ? 'The configuration is valid.' : 'The configuration has unknown settings.',
    );
    return outcome.warnings.length === 0 ? 0 : 1;
  }
  try {
    await run(outcome.config, read.access);
    return 0;
  } catch (error) {
    // StartError, EngineFileRefused: their message is made for this line. Anything else is a bug and keeps its stack.
    console.error(`fanfare: ${error instanceof Error ? oneLine(error) : String(error)}`);
    return 1;
  }
}

/** What the hub that is served does not share with those that are only warmed up. */
interface Own {
  readonly engine: Engine;
  readonly apiKey: string;
  readonly channels: ChannelMap;
  readonly logger: Logger;
}

async function run(config: ServerConfig, { issuers: _, ...access }: ServedAccess): Promise<void> {
  const logger = await createLogger({ level: config.logLevel });
  const kept = config.apiKey === '' ? keepApiKey(config.data) : undefined;
  const hubOf = (own: Own): Fanfare<ChannelMap> =>
    createFanfare({
      ...access,
      engine: own.engine,
      apiKey: own.apiKey,
      channels: own.channels,
      allowedOrigins: config.allowedOrigins,
      publicOrigins: config.publicOrigins,
      heartbeatMs: config.heartbeatMs,
      limits: config.limits,
      openMetrics: config.openMetrics,
      transports: config.transports,
      trustedHops: config.trustProxy,
      onError: (error) => own.logger.error({ err: error }, 'request failed'),
    });
  const { channels } = access;
  const live = hubOf({ engine: openEngine(config), channels, apiKey: kept?.key ?? config.apiKey, logger });
  logHubEvents(live, logger);
  try {
    await warmUp({
      config,
      logger,
      makeHub: ({ pattern, ...its }) =>
        hubOf({ ...its, engine: memory(), channels: { ...channels, [pattern]: log({ access: 'public' }) } }),
    });
    const { port } = await startServer({ config, live, logger, exitOnSignals: true });
    logger.info({ port, host: config.host || undefined }, 'listening');
    if (kept?.isExposed) {
      logger.warn({ path: kept.path }, 'other accounts can read the API key file; chmod 600 it');
    }
    if (kept?.isNew) {
      console.error(firstSteps({ port, kept, isTerminal: process.stderr.isTTY === true }));
    }
  } catch (error) {
    await live.close();
    throw error;
  }
}

function openEngine(config: ServerConfig): Engine {
  if (config.engine === 'memory') return memory();
  if (config.engine !== 'sqlite') return openRedis(config.engine);
  ensureDataFolder(config.data);
  return sqlite(join(config.data, 'fanfare.db'));
}

/** A Redis that cannot be reached is waited for: /readyz says so. A package that is missing is not. */
function openRedis(url: string): Engine {
  try {
    return redis(url);
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error));
  }
}

function oneLine(error: Error): string {
  return error.name === 'Error' || error.name === 'TypeError' ? (error.stack ?? error.message) : error.message;
}
