// The server under attack, with the defaults of a public one, in a process of its own: what nobody catches ends it.
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createFanfare, log, memory, signal, sqlite, state } from 'fanfare';
import { createLogger, loadConfig, logHubEvents, Router, startServer } from 'fanfare/http';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const outcome = loadConfig();
if (outcome.kind === 'invalid') throw new Error(outcome.problems.join('\n'));
const { config } = outcome;
const everybody = { subscribe: 'public', publish: 'public' };
const logger = await createLogger({ level: 'info' });
const live = createFanfare({
  engine: config.engine === 'sqlite' ? sqlite(join(config.data, 'fanfare.db')) : memory(),
  channels: {
    'log:{id}': log({ access: everybody }),
    'state:{id}': state({ access: everybody }),
    'signal:{id}': signal({ access: everybody }),
    'secret:{id}': log(),
    'own:{id}': log({
      access: ({ identity }) =>
        identity === undefined ? { allow: false, status: 401, code: 'UNAUTHENTICATED' } : { allow: true },
    }),
  },
  authenticate: ({ headers }) => {
    const subject = /^Bearer ([a-z]+)$/.exec(headers.authorization ?? '')?.[1];
    return subject === undefined ? undefined : { subject, roles: [] };
  },
  apiKey: config.apiKey,
  limits: config.limits,
  trustedHops: config.trustProxy,
  onError: (err) => logger.error({ err }, 'fault'),
});
logHubEvents(live, logger);
process.on('unhandledRejection', (reason) => {
  process.stderr.write(`unhandledRejection ${reason?.stack ?? reason}\n`);
  process.exit(7);
});

const routes = new Router()
  .get('/gauges', (exchange) => {
    const { connections, subscriptions, channels, limitHits, published } = live.stats();
    exchange.send(200, { connections, subscriptions, channels, limitHits, published, polluted: {}.polluted ?? null });
  })
  .get('/memory', (exchange) => {
    // What is kept, not what waits to be collected.
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    exchange.send(200, { heapUsed, rss });
  });
await startServer({ config, live, logger, routes: [routes], exitOnSignals: true });
