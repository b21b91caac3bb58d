/**
 * What Node itself allows, with no hub in it: a bare socket per subscriber, one buffer per event, one write per subscriber
 * and turn of the loop. It checks nothing, stores nothing and knows no slow reader: a limit to measure against, not a server.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { Channels, channelOf, port } from './common.mjs';

const ACCEPT_SALT = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const OK = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const STREAM = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n';

const wires = {
  sse: { channels: new Channels(), encode: (body) => Buffer.from(`data: ${body}\n\n`) },
  ws: { channels: new Channels(), encode: wsFrame },
};
/** Buffers of this turn, by the set of who gets them. */
const pending = new Map();

createServer({ noDelay: true }, (socket) => {
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1');
    for (let used = serve(socket, text); used > 0 && text.length > 0; used = serve(socket, text))
      text = text.slice(used);
  });
}).listen({ port, host: '127.0.0.1', backlog: 4096 });

/** Characters of one whole request; 0: it has not arrived yet. */
function serve(socket, text) {
  const end = text.indexOf('\r\n\r\n');
  if (end === -1) return 0;
  const head = text.slice(0, end);
  const channel = channelOf(head.slice(0, head.indexOf(' HTTP')));
  if (head.startsWith('GET')) {
    subscribe(socket, head, channel);
    return end + 4;
  }
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  if (text.length < end + 4 + length) return 0;
  publish(channel, text.slice(end + 4, end + 4 + length));
  socket.write(OK);
  return end + 4 + length;
}

function subscribe(socket, head, channel) {
  const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1];
  const members = (key === undefined ? wires.sse : wires.ws).channels.of(channel);
  members.add(socket);
  socket.on('close', () => members.delete(socket));
  if (key === undefined) {
    socket.write(STREAM);
    return;
  }
  const accept = createHash('sha1')
    .update(key + ACCEPT_SALT)
    .digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
}

function publish(channel, body) {
  for (const { channels, encode } of Object.values(wires)) {
    const members = channels.of(channel);
    if (members.size === 0) continue;
    if (pending.size === 0) setImmediate(flush);
    const waiting = pending.get(members);
    if (waiting === undefined) pending.set(members, [encode(body)]);
    else waiting.push(encode(body));
  }
}

function flush() {
  for (const [members, buffers] of pending) {
    const bytes = buffers.length === 1 ? buffers[0] : Buffer.concat(buffers);
    for (const member of members) member.write(bytes);
  }
  pending.clear();
}

function wsFrame(body) {
  const bytes = Buffer.from(body);
  const head =
    bytes.length < 126 ? Buffer.of(0x81, bytes.length) : Buffer.of(0x81, 126, bytes.length >> 8, bytes.length & 0xff);
  return Buffer.concat([head, bytes]);
}
