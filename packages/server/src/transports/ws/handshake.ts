/** The HTTP side of a WebSocket [PROTOCOL §13]: what a client offers beside the request, and a refusal before the upgrade. */
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { catalogueError, type HttpError } from '../../http/errors.ts';
import { preferredLanguage } from '../../http/language.ts';
import { JSON_HEADERS } from '../../http/respond.ts';

export const SUBPROTOCOL = 'fanfare.v1';
const BEARER = 'bearer.';
const VERSION = '13';
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

/** Long enough for a peer that still sends to get to read the answer. */
const LINGER_MS = 1000;

/** A browser cannot set a header on a WebSocket; it can offer subprotocols. undefined: none; '': what came is no token. */
export function offeredToken(req: IncomingMessage): string | undefined {
  const offered = (req.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const bearer = offered.find((name) => name.startsWith(BEARER));
  if (bearer === undefined) return undefined;
  const token = Buffer.from(bearer.slice(BEARER.length), 'base64url').toString('latin1');
  return TOKEN.test(token) ? token : '';
}

/** What is wrong with a request that `ws` refuses: an old version, or a header that no WebSocket client writes. */
export function handshakeError(req: IncomingMessage): HttpError {
  return req.headers['sec-websocket-version'] === VERSION ? catalogueError('REQUEST_MALFORMED') : upgradeRequired();
}

/** For whoever asks for the path in plain HTTP, or in a version that nobody speaks. */
export function upgradeRequired(): HttpError {
  const headers = { Upgrade: 'websocket', 'Sec-WebSocket-Version': VERSION };
  return catalogueError('UPGRADE_REQUIRED', { expected: `Upgrade: websocket, version ${VERSION}` }, headers);
}

/** Ours when it is offered, and never a token. */
export function chosenProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false;
}

/** An HTTP answer where there is no response object; then the end. */
export function rejectUpgrade(req: IncomingMessage, socket: Duplex, error: HttpError): void {
  const body = JSON.stringify(error.body(preferredLanguage(req.headers['accept-language'])));
  const headers = { ...JSON_HEADERS, ...error.headers, Connection: 'close', 'Content-Length': Buffer.byteLength(body) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.on('error', () => {});
  socket.end([`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`, ...lines, '', body].join('\r\n'));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
