/** The SSE server that everybody writes first: `res.write` for every subscriber. */
import { createServer } from 'node:http';
import { Channels, channelOf, port, readBody } from './common.mjs';

const channels = new Channels();

createServer((req, res) => {
  const members = channels.of(channelOf(req.url));
  if (req.method === 'POST') {
    readBody(req, (body) => {
      const block = `data: ${body}\n\n`;
      for (const member of members) member.write(block);
      res.end('ok');
    });
    return;
  }
  res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
  res.flushHeaders();
  members.add(res);
  res.on('close', () => members.delete(res));
}).listen({ port, host: '127.0.0.1', backlog: 4096 });
