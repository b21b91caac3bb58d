/** Writes one JSON answer, with its length and the headers that keep a browser from guessing. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Language } from '@fanfare/protocol';
import { MAX_BODY_BYTES } from './body.ts';
import { catalogueError, RequestAborted, toHttpError } from './errors.ts';

export type HeaderMap = Readonly<Record<string, string | readonly string[]>>;

/** Headers of every JSON answer: never sniffed, and never kept unless the handler says so. */
export const JSON_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};

/** How long and how much an upload that we refused is read on, so that its sender gets to see the answer. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 4 * 1024 * 1024;

export interface JsonAnswer {
  readonly status: number;
  /** Serialised already. */
  readonly json: string;
  readonly headers?: HeaderMap;
}

/** Sends the answer. A body that the caller is still sending, and nobody will read, makes it the connection's last. */
export function sendJson(req: IncomingMessage, res: ServerResponse, answer: JsonAnswer): void {
  const headers: Record<string, string | string[] | number> = {};
  for (const [name, value] of Object.entries({ ...JSON_HEADERS, ...answer.headers })) {
    headers[name] = typeof value === 'string' ? value : [...value];
  }
  headers['Content-Length'] = Buffer.byteLength(answer.json);
  if (!hasLongUpload(req)) {
    res.writeHead(answer.status, headers).end(answer.json);
    return;
  }
  headers['Connection'] = 'close';
  res.writeHead(answer.status, headers).write(answer.json);
  endAfterUpload(req, res);
}

/** Answers with what was thrown. Never throws itself: a connection that cannot be answered is cut. */
export function sendError(
  req: IncomingMessage,
  res: ServerResponse,
  failure: { readonly error: unknown; readonly language: Language },
): void {
  if (res.writableEnded) {
    return;
  }
  if (failure.error instanceof RequestAborted || res.headersSent) {
    res.destroy();
    return;
  }
  try {
    const error = toHttpError(failure.error);
    sendJson(req, res, {
      status: error.status,
      json: JSON.stringify(error.body(failure.language)),
      headers: error.headers,
    });
  } catch {
    sendPlainFailure(req, res, failure.language);
  }
}

/** The error could not be written as it was (a header with a line end, details that do not serialise). */
function sendPlainFailure(req: IncomingMessage, res: ServerResponse, language: Language): void {
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const error = catalogueError('INTERNAL');
  sendJson(req, res, { status: error.status, json: JSON.stringify(error.body(language)) });
}

function hasLongUpload(req: IncomingMessage): boolean {
  if (req.complete) {
    return false;
  }
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES;
}

const uploading = new WeakSet<ServerResponse>();

/** Whether the whole answer is written, and has not ended only because its request goes on. */
export function waitsForUpload(res: ServerResponse): boolean {
  return uploading.has(res);
}

/**
 * The answer is out, but closing while the peer still sends would make its kernel throw the answer away (a reset).
 * So the rest is read and dropped for a moment; whoever goes on sending is cut.
 */
function endAfterUpload(req: IncomingMessage, res: ServerResponse): void {
  let left = LINGER_BYTES;
  uploading.add(res);
  const end = (): void => {
    clearTimeout(deadline);
    uploading.delete(res);
    res.end();
  };
  const deadline = setTimeout(end, LINGER_MS);
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) {
      end();
    }
  });
  req.once('end', end);
  req.once('close', end);
  req.resume();
}
