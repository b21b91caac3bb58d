/** Socket.IO over WebSocket, a room per channel; `recovery`: with its connection state recovery. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { channelOf, port, readBody } from './common.mjs';

const recovery = process.argv.includes('recovery')
  ? { connectionStateRecovery: { maxDisconnectionDuration: 120_000 } }
  : {};
const server = createServer();
const io = new Server(server, { serveClient: false, ...recovery });
io.on('connection', (socket) => {
  if (!socket.recovered) socket.join(socket.handshake.query.channel);
});

const others = server.listeners('request');
server.removeAllListeners('request');
server.on('request', (req, res) => {
  if (req.method !== 'POST' || !req.url.startsWith('/pub/')) {
    for (const listener of others) listener(req, res);
    return;
  }
  readBody(req, (body) => {
    io.to(channelOf(req.url)).emit('x', JSON.parse(body));
    res.end('ok');
  });
});
server.listen({ port, host: '127.0.0.1', backlog: 4096 });
