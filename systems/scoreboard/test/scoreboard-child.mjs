/** A scoreboard as a process of its own, for the test that kills it. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createAccounts } from '@fanfare-systems/accounts';
import { createScoreboard } from '@fanfare-systems/scoreboard';
import { createFanfare, sqlite } from 'fanfare';

const engine = sqlite(join(process.env.FANFARE_DATA, 'fanfare.db'));
const { database } = engine;
const accounts = createAccounts({ database, passwordCost: { cost: 1024, blockSize: 8, parallelization: 1 } });
const scoreboard = createScoreboard({ database, accounts });
const live = createFanfare({
  engine,
  channels: scoreboard.channels,
  authenticate: (req) => accounts.authenticate(req),
});
const routes = scoreboard.mount(live).use(accounts.routes);
await accounts.seedDemo();
await scoreboard.seed();
await scoreboard.start();

const server = createServer((req, res) => {
  if (!routes.handle(req, res)) live.handler(req, res);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
