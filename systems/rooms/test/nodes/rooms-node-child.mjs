/** The rooms on one of several servers that share a Redis, as a process of its own: users by token, as an application would. */
import { createRooms } from '@fanfare-systems/rooms';
import { createFanfare, redis, tokens } from 'fanfare';
import { onError, serveRooms } from '../serve-rooms.mjs';

const { FANFARE_ENGINE, ISSUER = '' } = process.env;
const authenticate = tokens({ issuers: [JSON.parse(ISSUER)] });
const rooms = createRooms({ accounts: { authenticate }, rate: { perSecond: 1000, burst: 4000 }, onError });
const live = createFanfare({
  engine: redis(FANFARE_ENGINE),
  channels: rooms.channels,
  authenticate,
  apiKey: 'master',
  onError,
});
serveRooms(rooms, live);
