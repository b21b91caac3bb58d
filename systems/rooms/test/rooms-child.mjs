/**
 * The rooms as a process of its own, on a file, for the tests that kill it, load it or abuse it. `/loop` tells how much processor
 * time a turn of its event loop took; what nobody catches ends it, and every fault of ours is a line.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createHistogram } from 'node:perf_hooks';
import { createAccounts } from '@fanfare-systems/accounts';
import { createRooms } from '@fanfare-systems/rooms';
import { createFanfare, sqlite } from 'fanfare';

const { FANFARE_DATA = '', PORT, HEARTBEAT_MS = '30000', RATE = '50' } = process.env;
const onError = (error) => process.stderr.write(`FAULT ${error?.stack ?? error}\n`);
const engine = sqlite(join(FANFARE_DATA, 'fanfare.db'));
const accounts = createAccounts({ database: engine.database });
const rate = { perSecond: Number(RATE), burst: 4 * Number(RATE) };
const rooms = createRooms({ accounts, heartbeatMs: Number(HEARTBEAT_MS), rate, onError });
const live = createFanfare({
  engine,
  channels: rooms.channels,
  authenticate: (req) => accounts.authenticate(req),
  limits: { maxConnectionsPerAddress: 5000 },
  onError,
});
process.on('unhandledRejection', (reason) => {
  onError(reason);
  process.exit(7);
});

// A timer is looked at once a turn: the processor time between two looks is the work of one turn, also on a busy machine.
let work = createHistogram();
let last = process.cpuUsage();
const look = () => {
  const { user, system } = process.cpuUsage(last);
  last = process.cpuUsage();
  work.record(Math.max(1, user + system));
  setTimeout(look, 5);
};
look();

const routes = rooms.mount(live).get('/loop', (exchange) => {
  exchange.send(200, { p99: work.percentile(99) / 1000, max: work.max / 1000, rss: process.memoryUsage().rss });
  work = createHistogram();
});
const server = createServer((req, res) => {
  if (!routes.handle(req, res)) live.handler(req, res);
});
server.on('upgrade', (req, socket, head) => {
  if (!rooms.upgrade(req, socket, head) && !live.upgrade(req, socket, head)) socket.destroy();
});
server.listen({ port: Number(PORT), host: '127.0.0.1', backlog: 4096 });
