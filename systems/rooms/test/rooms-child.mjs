/**
 * The rooms as a process of its own, on a file, with the limits of a public server, for the tests that kill it or abuse it: what nobody
 * catches ends it, and every fault of ours is a line.
 */
import { join } from 'node:path';
import { createAccounts } from '@fanfare-systems/accounts';
import { createRooms } from '@fanfare-systems/rooms';
import { createFanfare, sqlite } from 'fanfare';
import { onError, serveRooms } from './serve-rooms.mjs';

const { FANFARE_DATA = '', HEARTBEAT_MS = '30000' } = process.env;
const engine = sqlite(join(FANFARE_DATA, 'fanfare.db'));
const accounts = createAccounts({ database: engine.database });
const rooms = createRooms({ accounts, heartbeatMs: Number(HEARTBEAT_MS), onError });
const live = createFanfare({
  engine,
  channels: rooms.channels,
  authenticate: (req) => accounts.authenticate(req),
  onError,
});
serveRooms(rooms, live);
