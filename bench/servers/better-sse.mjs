/** better-sse as its documentation shows it: a session per response, a channel's `broadcast`. */
import { createServer } from 'node:http';
import { createChannel, createSession } from 'better-sse';
import { channelOf, port, readBody } from './common.mjs';

const channels = new Map();

function channel(name) {
  let found = channels.get(name);
  if (found === undefined) {
    found = createChannel();
    channels.set(name, found);
  }
  return found;
}

createServer((req, res) => {
  const to = channel(channelOf(req.url));
  if (req.method === 'POST') {
    readBody(req, (body) => {
      to.broadcast(JSON.parse(body), 'message');
      res.end('ok');
    });
    return;
  }
  createSession(req, res, { keepAlive: null }).then(
    (session) => to.register(session),
    () => res.destroy(),
  );
}).listen({ port, host: '127.0.0.1', backlog: 4096 });
