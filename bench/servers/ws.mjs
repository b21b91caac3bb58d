/** ws as its documentation shows it: `send` for every client. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { Channels, channelOf, port, readBody } from './common.mjs';

const channels = new Channels();
const server = createServer((req, res) => {
  readBody(req, (body) => {
    const text = body.toString();
    for (const member of channels.of(channelOf(req.url))) member.send(text);
    res.end('ok');
  });
});
new WebSocketServer({ server }).on('connection', (socket, req) => {
  const members = channels.of(channelOf(req.url));
  members.add(socket);
  socket.on('close', () => members.delete(socket));
  socket.on('error', () => {});
});
server.listen({ port, host: '127.0.0.1', backlog: 4096 });
