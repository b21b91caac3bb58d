/** The HTTP side of a WebSocket [PROTOCOL §13]: what a client offers beside the request, what is wrong with it, and the answer. */
import { hash } from 'node:crypto';
import { catalogueError, type HttpError } from '../../http/errors.ts';
import type { RequestHead } from '../../http/request-head.ts';

const SUBPROTOCOL = 'fanfare.v1';
const BEARER = 'bearer.';
const VERSION = '13';
const TOKEN = /^[\x21-\x7e]{1,8192}$/;
/** 16 bytes in base64 [RFC 6455 §4.2.1]. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;
/** Tokens of HTTP, none of them empty. */
const NAMES = /^[!#$%&'*+.^`|~\w-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^`|~\w-]+)*$/;
/** RFC 6455 §1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A browser cannot set a header on a WebSocket; it can offer subprotocols. undefined: none; '': what came is no token. */
export function offeredToken(head: RequestHead): string | undefined {
  const bearer = offered(head).find((name) => name.startsWith(BEARER));
  if (bearer === undefined) return undefined;
  const token = Buffer.from(bearer.slice(BEARER.length), 'base64url').toString('latin1');
  return TOKEN.test(token) ? token : '';
}

/** Why a request is no handshake: an old version, or a header that no WebSocket client writes; undefined: it is one. */
export function handshakeError({ method, headers }: RequestHead): HttpError | undefined {
  if (headers['sec-websocket-version'] !== VERSION) return upgradeRequired();
  const { upgrade = '', 'sec-websocket-key': key = '', 'sec-websocket-protocol': names } = headers;
  const isSound = method === 'GET' && upgrade.toLowerCase() === 'websocket' && KEY.test(key) && areNames(names);
  return isSound ? undefined : catalogueError('REQUEST_MALFORMED');
}

/** For whoever asks for the path in plain HTTP, or in a version that nobody speaks. */
export function upgradeRequired(): HttpError {
  const headers = { Upgrade: 'websocket', 'Sec-WebSocket-Version': VERSION };
  return catalogueError('UPGRADE_REQUIRED', { expected: `Upgrade: websocket, version ${VERSION}` }, headers);
}

/** The answer to a handshake. Of what is offered it takes ours, and never a token. */
export function handshakeAnswer(head: RequestHead): Buffer {
  const accept = hash('sha1', `${head.headers['sec-websocket-key']}${GUID}`, 'base64');
  const chosen = offered(head).includes(SUBPROTOCOL) ? `Sec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n` : '';
  return Buffer.from(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`,
    'latin1',
  );
}

function offered({ headers }: RequestHead): readonly string[] {
  const names = headers['sec-websocket-protocol'];
  return names === undefined ? [] : names.split(',').map((name) => name.trim());
}

/** Each of them once. */
function areNames(header: string | undefined): boolean {
  if (header === undefined) return true;
  const names = header.split(',').map((name) => name.trim());
  return NAMES.test(header) && new Set(names).size === names.length;
}
