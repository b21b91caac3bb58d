/** A Socket.IO server as a process of its own, on a file, for the test that kills it. `/emit?n=7` emits to everybody and to a room. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createAdapter, hardenedOptions, socketIoChannels } from '@fanfare/socket.io-adapter';
import { createFanfare, log, sqlite } from 'fanfare';
import { Server } from 'socket.io';

const live = createFanfare({
  engine: sqlite(join(process.env.FANFARE_DATA, 'fanfare.db')),
  channels: { ...socketIoChannels(), 'room:{room}': log({ access: 'public' }) },
});
const http = createServer((req, res) => {
  const n = Number(new URL(req.url, 'http://localhost').searchParams.get('n'));
  if (!req.url.startsWith('/emit')) return live.handler(req, res);
  return void Promise.all([
    io.of('/').adapter.broadcast({ type: 2, data: ['all', n] }, { rooms: new Set(), except: new Set(), flags: {} }),
    live.channel('room:a').publish('said', { n }),
  ]).then(() => res.end('done'));
});
const io = new Server(http, {
  ...hardenedOptions(),
  connectionStateRecovery: { skipMiddlewares: false },
  adapter: createAdapter({ live, channelOf: (room) => (room.startsWith('room:') ? room : undefined) }),
});
io.on('connection', (socket) => {
  socket.data.visits = (socket.data.visits ?? 0) + 1;
  socket.on('join', async (room, done) => {
    await socket.join(room);
    done();
  });
  socket.on('rooms', (answer) => answer([...socket.rooms].sort(), socket.recovered));
});
http.listen(Number(process.env.PORT), '127.0.0.1');
