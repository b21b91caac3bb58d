/** An inbox as a process of its own, for the test that kills it. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createAccounts } from '@fanfare-systems/accounts';
import { createInbox } from '@fanfare-systems/inbox';
import { createFanfare, sqlite } from 'fanfare';

const engine = sqlite(join(process.env.FANFARE_DATA, 'fanfare.db'));
const { database } = engine;
const accounts = createAccounts({ database, passwordCost: { cost: 1024, blockSize: 8, parallelization: 1 } });
await accounts.seedDemo();
for (let n = accounts.listUsers('staff').length; n < Number(process.env.STAFF ?? 0); n += 1) {
  await accounts.createUser({ username: `staff-${n}`, password: 'demo', roles: ['staff'] });
}
const inbox = createInbox({ database, accounts, apiKey: process.env.API_KEY });
const live = createFanfare({ engine, channels: inbox.channels, authenticate: (req) => accounts.authenticate(req) });
const routes = inbox.mount(live).use(accounts.routes);
await inbox.start();

const server = createServer((req, res) => {
  if (!routes.handle(req, res)) live.handler(req, res);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
