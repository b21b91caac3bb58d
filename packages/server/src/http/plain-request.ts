/**
 * A request that asks for another protocol is an ordinary request too, and a server may answer it as one [RFC 9110 §7.8]:
 * clients of Java ask for HTTP/2 (`Upgrade: h2c`) with every first request. But as soon as anybody listens for upgrades,
 * Node hands all of them over, with the parser gone: so it is given back to the server without what asked for more.
 */
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/** What belongs to the upgrade, and not to the request. */
const UPGRADE_WORDS: ReadonlySet<string> = new Set(['upgrade', 'http2-settings']);

/** Serves it on the server that it came to; false: that one cannot be found, and nothing was done. */
export function serveAsPlainRequest(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
  const server: unknown = 'server' in socket ? socket.server : undefined;
  if (!(server instanceof EventEmitter) || socket.destroyed) return false;
  const lines = [`${req.method} ${req.url} HTTP/${req.httpVersion}`, ...headerLines(req), '', ''];
  socket.unshift(Buffer.concat([Buffer.from(lines.join('\r\n'), 'latin1'), head]));
  server.emit('encrypted' in socket ? 'secureConnection' : 'connection', socket);
  return true;
}

function* headerLines({ rawHeaders }: IncomingMessage): Iterable<string> {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    const lower = name.toLowerCase();
    if (UPGRADE_WORDS.has(lower)) continue;
    const kept = lower === 'connection' ? withoutUpgrade(value) : value;
    if (kept !== '') yield `${name}: ${kept}`;
  }
}

function withoutUpgrade(value: string): string {
  const options = value.split(',').map((option) => option.trim());
  return options.filter((option) => !UPGRADE_WORDS.has(option.toLowerCase())).join(', ');
}
