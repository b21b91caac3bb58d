/** `npm start`: configuration, composition, server, and a welcome; or one line that says why not. */
import { readRoomsConfig } from '@fanfare-systems/rooms';
import { SCOREBOARD_SECRETS } from '@fanfare-systems/scoreboard';
import { EngineFileRefused } from 'fanfare';
import { createLogger, loadConfig, type ServerConfig, StartError, startServer } from 'fanfare/http';
import { notFoundPage } from './not-found-page.ts';
import { composeShowcase } from './showcase.ts';
import { START_HELP } from './start-help.ts';
import { welcome } from './welcome.ts';

main().catch((error: unknown) => {
  if (!isForPeople(error)) throw error;
  fail([error.message]);
});

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    process.stdout.write(START_HELP);
    return;
  }
  const outcome = loadConfig({ argv });
  const rooms = readRoomsConfig(process.env);
  for (const warning of [...outcome.warnings, ...rooms.warnings]) process.stderr.write(`  warning: ${warning}\n`);
  if (outcome.kind === 'invalid') fail([...outcome.problems, ...rooms.problems], outcome.exitCode);
  if (rooms.problems.length > 0) fail(rooms.problems);
  if (argv.includes('--check-config')) {
    const isKnown = outcome.warnings.length + rooms.warnings.length === 0;
    process.stdout.write(isKnown ? 'The configuration is valid.\n' : 'The configuration has unknown settings.\n');
    process.exitCode = isKnown ? 0 : 1;
    return;
  }
  const { config } = outcome;
  const logger = await createLogger({ level: config.logLevel, secrets: SCOREBOARD_SECRETS });
  const showcase = await composeShowcase({ config, roomsOptions: rooms.options, logger });
  const { live, routes, upgrades } = showcase;
  const { port } = await startServer({
    ...{ config, live, logger, routes, upgrades },
    fallback: notFoundPage,
    exitOnSignals: true,
  });
  const isTerminal = process.stdout.isTTY === true;
  const styled = isTerminal && process.env['NO_COLOR'] === undefined;
  const { first, demoUsers, newCourts, keptKey } = showcase;
  const url = urlOf(config, port);
  const seen = { isFirst: first.isFirst, isTerminal, styled };
  process.stdout.write(welcome({ url, dataFolder: config.data, keptKey, demoUsers, newCourts, ...seen }));
  logger.info({ port, host: config.host || undefined }, 'listening');
  first.done();
}

/** Errors whose message is one line for whoever starts the server: a port in use, a database that is damaged or not ours. */
function isForPeople(error: unknown): error is Error {
  return error instanceof StartError || error instanceof EngineFileRefused;
}

function urlOf({ host }: ServerConfig, port: number): string {
  const everywhere = host === '' || host === '0.0.0.0' || host === '::';
  const name = everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function fail(problems: readonly string[], exitCode = 1): never {
  process.stderr.write(problems.map((problem) => `\n  Fanfare did not start: ${problem}\n`).join(''));
  process.exit(exitCode);
}
