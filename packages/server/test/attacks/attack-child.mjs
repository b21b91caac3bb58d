// The server under attack, with the defaults of a public one, in a process of its own: what nobody catches ends it. It tells how
// long a turn of its event loop kept the processor.
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createFanfare, log, memory, signal, state } from 'fanfare';
import { createLogger, loadConfig, logHubEvents, Router, startServer } from 'fanfare/http';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const outcome = loadConfig();
if (outcome.kind === 'invalid') throw new Error(outcome.problems.join('\n'));
const { config } = outcome;
const everybody = { subscribe: 'public', publish: 'public' };
const logger = await createLogger({ level: 'info' });
const live = createFanfare({
  engine: memory(),
  channels: {
    'log:{id}': log({ access: everybody }),
    'state:{id}': state({ access: everybody }),
    'signal:{id}': signal({ access: everybody }),
    'secret:{id}': log(),
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

// A timer is looked at once a turn: the processor time between two looks is the work of one turn, also on a busy machine,
// where the wall clock counts what others do.
const wall = monitorEventLoopDelay({ resolution: 10 });
let work = createHistogram();
let last = process.cpuUsage();
const look = () => {
  const { user, system } = process.cpuUsage(last);
  last = process.cpuUsage();
  work.record(Math.max(1, user + system));
  setTimeout(look, 5);
};
wall.enable();
look();

const routes = new Router()
  .get('/loop', (exchange) => {
    const ms = (histogram, unit) => ({ p99: histogram.percentile(99) / unit, max: histogram.max / unit });
    exchange.send(200, { work: ms(work, 1000), wall: ms(wall, 1e6), turns: work.count });
    work = createHistogram();
    wall.reset();
  })
  .get('/gauges', (exchange) => {
    const { connections, subscriptions, channels, limitHits, published } = live.stats();
    // What is kept, not what waits to be collected.
    collect();
    const { heapUsed, rss } = process.memoryUsage();
    exchange.send(200, {
      connections,
      subscriptions,
      channels,
      limitHits,
      published,
      heapUsed,
      rss,
      polluted: {}.polluted ?? null,
    });
  });
await startServer({ config, live, logger, routes: [routes], exitOnSignals: true });
