/**
 * One of several servers on a Redis, as a process of its own. Who asks for `slow:{id}` waits until `/release/{id}`; `/asked/{id}`
 * says how many do.
 */
import { createServer } from 'node:http';
import { createFanfare, log, redis, signal, state, tokens } from 'fanfare';
import { Router } from 'fanfare/http';

const { FANFARE_ENGINE, PORT, ISSUERS = '[]', LIMITS = '{}' } = process.env;
const onError = (error) => process.stderr.write(`FAULT ${error?.stack ?? error}\n`);
const everybody = { subscribe: 'public', publish: 'public' };
/** By id. */
const waiting = new Map();
const released = new Set();

const live = createFanfare({
  engine: redis(FANFARE_ENGINE),
  channels: {
    'log:{id}': log({ access: everybody, keep: { count: 200_000 } }),
    'state:{id}': state({ access: everybody }),
    'signal:{id}': signal({ access: everybody }),
    'mine:{user}': log({
      access: ({ identity, params }) =>
        identity?.subject === params.user ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN' },
    }),
    'slow:{id}': log({
      access: ({ params }) =>
        new Promise((resolve) => {
          const release = () => resolve({ allow: true });
          if (released.has(params.id)) release();
          waiting.set(params.id, [...(waiting.get(params.id) ?? []), release]);
        }),
    }),
  },
  authenticate: tokens({ issuers: JSON.parse(ISSUERS), cookie: 'session' }),
  apiKey: 'master',
  limits: JSON.parse(LIMITS),
  onError,
});
process.on('unhandledRejection', (reason) => {
  onError(reason);
  process.exit(7);
});

const routes = new Router()
  .get('/asked/{id}', (exchange) => exchange.send(200, { asked: waiting.get(exchange.param('id'))?.length ?? 0 }))
  .post('/release/{id}', (exchange) => {
    released.add(exchange.param('id'));
    for (const release of waiting.get(exchange.param('id')) ?? []) release();
    exchange.send(200, {});
  });
const server = createServer((req, res) => {
  if (!routes.handle(req, res)) live.handler(req, res);
});
live.attach(server);
server.listen(Number(PORT), '127.0.0.1');
