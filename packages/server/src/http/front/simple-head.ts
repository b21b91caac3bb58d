/**
 * Reads the head of a request for one of the live wires, where it is whole, alone and of the plainest shape: what clients and
 * proxies send. Anything else is nothing to us, and for `node:http` to judge: a body, a second request behind it, a header twice, a
 * byte that two readers might read differently.
 */
import type { Socket } from 'node:net';
import type { RequestHead } from '../request-head.ts';

/** Larger ones are rare, and ours is a copy. */
const MAX_BYTES = 8192;
const BEGINNING = Buffer.from('GET /live/');
/** A value has no space around it and is not empty; no line is folded, and every line ends with CRLF. */
const HEAD =
  /^GET (\/live\/(?:sse|ws)(?:\?[!$-;=?-~]*)?) HTTP\/1\.1\r\n((?:[A-Za-z][\w-]*: [!-~](?:[ -~]*[!-~])?\r\n)+)\r\n$/;
/** Headers that ask for more than a stream, or say that more follows. */
const UNUSUAL: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'trailer',
  'te',
  'expect',
  'http2-settings',
  'proxy-connection',
  // A name that every object has one of.
  'constructor',
]);
/** What a stream may be asked for with; anything else names headers of the one hop, or another protocol. */
const PLAIN_CONNECTION: ReadonlySet<string | undefined> = new Set([undefined, 'keep-alive', 'close']);
const UPGRADES: ReadonlySet<string | undefined> = new Set(['upgrade', 'keep-alive, upgrade']);

/** undefined: not for us. `maxBytes`: of a head at most. */
export function readSimpleHead(bytes: Buffer, socket: Socket, maxBytes: number): RequestHead | undefined {
  if (bytes.length > Math.min(maxBytes, MAX_BYTES) || !beginsLikeWire(bytes)) return undefined;
  const found = HEAD.exec(bytes.toString('latin1'));
  const url = found?.[1];
  const lines = found?.[2];
  if (url === undefined || lines === undefined) return undefined;
  // Without a prototype it is a table, the same to V8 whatever is in it: of every combination of headers a shape would be made, and
  // whoever reads them compiled anew.
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(': ', at);
    const end = lines.indexOf('\r\n', colon);
    const name = lines.slice(at, colon).toLowerCase();
    if (headers[name] !== undefined || UNUSUAL.has(name)) return undefined;
    headers[name] = lines.slice(colon + 2, end);
    at = end + 2;
  }
  return headers['host'] !== undefined && asksForItsWire(url, headers)
    ? { method: 'GET', url, headers, socket }
    : undefined;
}

/** At a glance: may it be one for a live wire? */
export function beginsLikeWire(bytes: Buffer): boolean {
  return bytes.length > BEGINNING.length && BEGINNING.compare(bytes, 0, BEGINNING.length) === 0;
}

function asksForItsWire(url: string, { connection, upgrade }: Readonly<Record<string, string>>): boolean {
  const options = connection?.toLowerCase();
  return url.startsWith('/live/ws')
    ? upgrade?.toLowerCase() === 'websocket' && UPGRADES.has(options)
    : upgrade === undefined && PLAIN_CONNECTION.has(options);
}
