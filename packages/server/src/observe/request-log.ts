/** One line per request, when its answer is out. Off by default: at 30 000 publishes a second it would be most of the work. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from './logger.ts';
import { redactUrl } from './redact-url.ts';

export interface LoggedRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Of the caller. */
  readonly address: string;
}

/** Logs method, path, redacted query, status, duration and address; no header, no body. */
export function logRequest(logger: Logger, { req, res, address }: LoggedRequest): void {
  const startedAt = performance.now();
  const { method, url } = req;
  res.once('close', () => {
    const ms = Math.round(performance.now() - startedAt);
    logger.info({ method, url: redactUrl(url ?? ''), status: res.statusCode, ms, address }, 'request');
  });
}

/** The same of a WebSocket, which has no answer to wait for, when it is asked for. */
export function logUpgrade(logger: Logger, { req, address }: Omit<LoggedRequest, 'res'>): void {
  const { method, url, headers } = req;
  logger.info({ method, url: redactUrl(url ?? ''), upgrade: headers.upgrade, address }, 'upgrade');
}
