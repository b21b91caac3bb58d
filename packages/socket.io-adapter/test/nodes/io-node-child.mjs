/** One of several Socket.IO servers on a Redis, as a process of its own. What an application does in process is asked for by POST `/do`. */
import { createServer } from 'node:http';
import { createAdapter, hardenedOptions, socketIoChannels } from '@fanfare/socket.io-adapter';
import { createFanfare, log, redis } from 'fanfare';
import { Router } from 'fanfare/http';
import { Server } from 'socket.io';

const { FANFARE_ENGINE, PORT } = process.env;
const fault = (error) => process.stderr.write(`FAULT ${error?.stack ?? error}\n`);
const live = createFanfare({
  engine: redis(FANFARE_ENGINE),
  channels: { ...socketIoChannels(), 'room:{room}': log({ access: 'public' }) },
  onError: fault,
});
const heard = [];

const acts = {
  emit: ({ room, except, args }) => {
    const to = room === undefined ? io : io.to(room);
    return void (except === undefined ? to : to.except(except)).emit(...args);
  },
  volatile: ({ args }) => void io.volatile.emit(...args),
  ask: ({ room, args }) => (room === undefined ? io : io.to(room)).timeout(5000).emitWithAck(...args),
  sockets: async ({ room }) =>
    (await (room === undefined ? io : io.in(room)).fetchSockets()).map(({ id, rooms, data }) => ({
      id,
      rooms: [...rooms].sort(),
      data,
    })),
  join: ({ of, room }) => void io.in(of).socketsJoin(room),
  leave: ({ of, room }) => void io.in(of).socketsLeave(room),
  disconnect: ({ of }) => void io.in(of).disconnectSockets(true),
  rooms: () => [...io.of('/').adapter.rooms.keys()],
  serverEmit: ({ args }) => void io.serverSideEmit(...args),
  serverAsk: ({ args }) => io.serverSideEmitWithAck(...args),
  servers: () => io.of('/').adapter.serverCount(),
  heard: () => heard,
};

const routes = new Router().post('/do', async (exchange) => {
  const { act, ...about } = await exchange.json();
  exchange.send(200, { result: (await acts[act](about)) ?? null });
});
const http = createServer((req, res) => {
  if (!routes.handle(req, res)) live.handler(req, res);
});
const io = new Server(http, {
  ...hardenedOptions(),
  connectionStateRecovery: { skipMiddlewares: false },
  adapter: createAdapter({
    live,
    channelOf: (room) => (room.startsWith('room:') ? room : undefined),
    onError: fault,
    heartbeatIntervalMs: 1000,
  }),
});
io.on('connection', (socket) => {
  socket.data.name = socket.handshake.auth.name;
  socket.on('join', async (room, done) => {
    await socket.join(room);
    done();
  });
});
io.on('said', (text) => heard.push(text));
io.on('question', (text, answer) => answer(`${text} ${PORT}`));
process.on('unhandledRejection', (reason) => {
  fault(reason);
  process.exit(7);
});
http.listen(Number(PORT), '127.0.0.1');
