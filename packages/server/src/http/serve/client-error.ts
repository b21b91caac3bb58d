/** Answers what Node's HTTP parser refuses before there is a request: broken syntax, headers too large or too slow. */
import { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '@fanfare/protocol';
import { catalogueError } from '../errors.ts';
import { waitsForUpload } from '../respond.ts';

/** How long the peer may go on sending so that it gets to read the answer. */
const LINGER_MS = 1_000;

const CODES: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

const LIMITS: Readonly<Record<string, 'maxHeaderBytes' | 'headersTimeoutMs'>> = {
  HPE_HEADER_OVERFLOW: 'maxHeaderBytes',
  ERR_HTTP_REQUEST_TIMEOUT: 'headersTimeoutMs',
};

/** For the server's `clientError` event. Writes one answer and closes; never throws. Returns the limit that was met, if one was. */
export function answerClientError(error: Error, socket: Duplex): 'maxHeaderBytes' | 'headersTimeoutMs' | undefined {
  const code = 'code' in error ? String(error.code) : '';
  const limit = LIMITS[code];
  if (socket.destroyed || socket.writableEnded) {
    return limit;
  }
  const answer = currentAnswer(socket);
  if (code === 'ECONNRESET' || !socket.writable || (answer !== undefined && isDue(answer))) {
    socket.destroy();
    return limit;
  }
  setTimeout(() => socket.destroy(), LINGER_MS);
  if (answer !== undefined && waitsForUpload(answer)) {
    // It was refused by its head, and what is wrong came behind: Node may hold the answer back until the end of this turn.
    socket.end();
    return limit;
  }
  const refusal = catalogueError(CODES[code] ?? 'REQUEST_MALFORMED');
  const body = JSON.stringify(refusal.body('en'));
  socket.end(
    [
      `HTTP/1.1 ${refusal.status} ${REASONS[refusal.status] ?? 'Bad Request'}`,
      'Content-Type: application/json; charset=utf-8',
      'X-Content-Type-Options: nosniff',
      'Connection: close',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
  return limit;
}

/** `_httpMessage` is how Node's own handler tells. */
function currentAnswer(socket: Duplex): ServerResponse | undefined {
  const message: unknown = Reflect.get(socket, '_httpMessage');
  return message instanceof ServerResponse ? message : undefined;
}

/**
 * A request that arrived whole still waits for its answer, or has half of it: ours would be taken for that one's, or end
 * up inside it.
 */
function isDue(answer: ServerResponse): boolean {
  return !waitsForUpload(answer) && (answer.headersSent || answer.req.complete);
}
