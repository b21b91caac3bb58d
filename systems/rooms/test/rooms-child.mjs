/**
 * The rooms as a process of its own, on a file, with the limits of a public server, for the tests that kill it or abuse it: what nobody
 * catches ends it, and every fault of ours is a line.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createAccounts } from '@fanfare-systems/accounts';
import { createRooms } from '@fanfare-systems/rooms';
import { createFanfare, sqlite } from 'fanfare';

const { FANFARE_DATA = '', PORT, HEARTBEAT_MS = '30000' } = process.env;
const onError = (error) => process.stderr.write(`FAULT ${error?.stack ?? error}\n`);
const engine = sqlite(join(FANFARE_DATA, 'fanfare.db'));
const accounts = createAccounts({ database: engine.database });
const rooms = createRooms({ accounts, heartbeatMs: Number(HEARTBEAT_MS), onError });
const live = createFanfare({
  engine,
  channels: rooms.channels,
  authenticate: (req) => accounts.authenticate(req),
  onError,
});
process.on('unhandledRejection', (reason) => {
  onError(reason);
  process.exit(7);
});

const routes = rooms.mount(live);
const server = createServer((req, res) => {
  if (!routes.handle(req, res)) live.handler(req, res);
});
server.on('upgrade', (req, socket, head) => {
  if (!rooms.upgrade(req, socket, head) && !live.upgrade(req, socket, head)) socket.destroy();
});
server.listen({ port: Number(PORT), host: '127.0.0.1', backlog: 4096 });
