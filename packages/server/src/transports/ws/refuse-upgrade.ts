/** An upgrade that is answered with a plain HTTP error: written by hand, since Node gives an upgrade no response. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '@fanfare/protocol';
import { catalogueError } from '../../http/errors.ts';
import { preferredLanguage } from '../../http/language.ts';

export function refuseUpgrade(req: IncomingMessage, socket: Duplex, code: ErrorCode): void {
  const error = catalogueError(code);
  const body = JSON.stringify(error.body(preferredLanguage(req.headers['accept-language'])));
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_TEXTS[error.status] ?? 'Error'}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    'Cache-Control: no-store',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const STATUS_TEXTS: Readonly<Record<number, string>> = { 403: 'Forbidden', 404: 'Not Found', 426: 'Upgrade Required' };
