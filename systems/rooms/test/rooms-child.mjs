/** The rooms as a process of its own, on a file, for the tests that kill it or load it. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createAccounts } from '@fanfare-systems/accounts';
import { createRooms } from '@fanfare-systems/rooms';
import { createFanfare, sqlite } from 'fanfare';

const engine = sqlite(join(process.env.FANFARE_DATA, 'fanfare.db'));
const accounts = createAccounts({ database: engine.database });
const rooms = createRooms({ accounts, heartbeatMs: Number(process.env.HEARTBEAT_MS ?? 30_000) });
const live = createFanfare({ engine, channels: rooms.channels, authenticate: (req) => accounts.authenticate(req) });
const routes = rooms.mount(live);
const server = createServer((req, res) => {
  if (!routes.handle(req, res)) live.handler(req, res);
});
server.on('upgrade', (req, socket, head) => {
  if (!rooms.upgrade(req, socket, head) && !live.upgrade(req, socket, head)) socket.destroy();
});
server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 });
