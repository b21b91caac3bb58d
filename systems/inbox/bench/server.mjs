/** The inbox alone on a server, for the claim: a real file, as many users as are asked for, and what it costs told on demand. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInbox } from '@fanfare-systems/inbox';
import { createFanfare, sqlite } from 'fanfare';
import { Router } from 'fanfare/http';

const users = Number(process.env.BENCH_USERS);
const engine = sqlite(join(process.env.FANFARE_DATA, 'fanfare.db'));

/** Logins are the accounts' business and no part of the claim: here the Bearer token is the user's id. */
const identityOf = (req) => {
  const id = /^Bearer (\d+)$/.exec(req.headers.authorization ?? '')?.[1];
  return id === undefined ? undefined : { subject: id, roles: id === '1' ? ['staff'] : ['spectator'] };
};
const everybody = Array.from({ length: users }, (_, index) => {
  return { id: index + 1, username: `user-${index + 1}`, name: `User ${index + 1}`, roles: ['spectator'] };
});
const accounts = {
  findUser: (id) => everybody[id - 1],
  listUsers: () => everybody,
};

const inbox = createInbox({ database: engine.database, accounts, apiKey: process.env.BENCH_KEY });
const live = createFanfare({ engine, channels: inbox.channels, authenticate: identityOf });
const routes = new Router()
  .get('/bench/usage', (exchange) => {
    const { user, system } = process.cpuUsage();
    const { connections } = live.stats();
    exchange.send(200, { cpuMs: (user + system) / 1000, at: performance.now(), requests, connections });
  })
  .use(inbox.mount(live));
await inbox.start();

let requests = 0;
const server = createServer((req, res) => {
  requests += 1;
  if (!routes.handle(req, res)) live.handler(req, res);
});
server.keepAliveTimeout = 120_000;
live.attach(server);
server.listen(Number(process.env.PORT), '127.0.0.1');
// Said goodbye to, not killed: only so a profile (`--cpu-prof`) is written.
process.once('SIGINT', () => process.exit());
