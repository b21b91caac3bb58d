// The server of the fault tests, in a process of its own: it serves the harness page, and can be paused, killed and started again.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFanfare, log, memory, sqlite } from 'fanfare';
import { createLogger, parseCookies, Router, startServer } from 'fanfare/http';

const { PORT, FANFARE_DATA, E2E_OPTIONS, E2E_SCRIPT, E2E_HOST = '127.0.0.1', E2E_LISTEN_AT = '0' } = process.env;
/** `engine`, and the options of createFanfare that JSON can hold. */
const { engine, ...options } = JSON.parse(E2E_OPTIONS);

const HTML =
  '<!doctype html><meta charset="utf-8"><title>faults</title><script type="module" src="/harness.js"></script>';

const live = createFanfare({
  ...options,
  engine: engine === 'memory' ? memory() : sqlite(join(FANFARE_DATA, 'fanfare.db')),
  channels: {
    'run:{name}': log({ keep: { count: 1_000_000 }, access: 'public' }),
    'short:{name}': log({ keep: { count: 20 }, access: 'public' }),
    'own:{user}': log({
      access: ({ params, identity }) =>
        identity?.subject === params.user ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN' },
    }),
  },
  apiKey: 'e2e',
  // Whoever says a name is believed: a token is the name, and so is the cookie.
  authenticate: ({ headers }) => {
    const subject = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? parseCookies(headers.cookie).get('user');
    return subject === undefined ? undefined : { subject, roles: [] };
  },
});

const routes = new Router().get('/memory', (exchange) => {
  globalThis.gc?.();
  exchange.send(200, process.memoryUsage());
});

function fallback(req, res) {
  if (req.url === '/harness.js') res.setHeader('Content-Type', 'text/javascript').end(readFileSync(E2E_SCRIPT));
  else if (req.url.startsWith('/page')) res.setHeader('Content-Type', 'text/html').end(HTML);
  else return false;
  return true;
}

// An outage lasts as long as it is told to, however long a busy machine takes to start a process.
await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(E2E_LISTEN_AT) - Date.now())));
await startServer({
  config: { port: Number(PORT), host: E2E_HOST, trustProxy: 0, logRequests: false },
  live,
  logger: await createLogger({ level: 'warn' }),
  routes: [routes],
  fallback,
  exitOnSignals: true,
});
