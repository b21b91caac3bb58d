/** The rooms on one of several servers that share a Redis, as a process of its own: users by token, as an application would. */
import { createServer } from 'node:http';
import { createRooms } from '@fanfare-systems/rooms';
import { createFanfare, redis, tokens } from 'fanfare';

const { FANFARE_ENGINE, PORT, ISSUER = '' } = process.env;
const onError = (error) => process.stderr.write(`FAULT ${error?.stack ?? error}\n`);
const authenticate = tokens({ issuers: [JSON.parse(ISSUER)] });
const rooms = createRooms({ accounts: { authenticate }, rate: { perSecond: 1000, burst: 4000 }, onError });
const live = createFanfare({
  engine: redis(FANFARE_ENGINE),
  channels: rooms.channels,
  authenticate,
  apiKey: 'master',
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
server.listen(Number(PORT), '127.0.0.1');
