/** The HTTP side of a WebSocket [PROTOCOL §13]: what a client offers beside the request, and what is wrong with it. */
import type { IncomingMessage } from 'node:http';
import { catalogueError, type HttpError } from '../../http/errors.ts';

export const SUBPROTOCOL = 'fanfare.v1';
const BEARER = 'bearer.';
const VERSION = '13';
const TOKEN = /^[\x21-\x7e]{1,8192}$/;

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
