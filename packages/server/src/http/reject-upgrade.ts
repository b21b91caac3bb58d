/** A refusal of a WebSocket before the upgrade: its request has no response object. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpError } from './errors.ts';
import { preferredLanguage } from './language.ts';
import type { RequestHead } from './request-head.ts';
import { JSON_HEADERS } from './respond.ts';

/** Long enough for a peer that still sends to get to read the answer. */
const LINGER_MS = 1000;

/** Answers an upgrade request with an error, in the language of its reader; then the end. */
export function rejectUpgrade(head: RequestHead, socket: Duplex, error: HttpError): void {
  const body = JSON.stringify(error.body(preferredLanguage(head.headers['accept-language'])));
  const headers = { ...JSON_HEADERS, ...error.headers, Connection: 'close', 'Content-Length': Buffer.byteLength(body) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.on('error', () => {});
  socket.end([`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`, ...lines, '', body].join('\r\n'));
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
