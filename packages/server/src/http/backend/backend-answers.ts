/** What the backend API makes of a request before it is read, and of an answer before it is sent. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { catalogueError, HttpError } from '../errors.ts';
import type { LiveHistoryPage, LiveHistoryRange } from '../live-api.ts';
import { JSON_HEADERS } from '../respond.ts';

/** Header block of every answer but errors; the length follows. */
const OK_HEADERS: readonly string[] = Object.entries(JSON_HEADERS).flat();

/** `position`: the next `after`. `recovered`: only when the caller presented a position. */
export function historyAnswer(range: LiveHistoryRange, page: LiveHistoryPage): object {
  if (page.kind === 'gap') {
    return { events: [], position: page.head, more: false, recovered: false, cause: page.cause };
  }
  return {
    events: page.events.map((event) => ({ channel: range.channel, ...event })),
    position: page.events.at(-1)?.position ?? page.head,
    more: page.more,
    ...(range.after === undefined ? {} : { recovered: true }),
  };
}

/** Nothing is done where somebody else has answered: an application around us that waits no longer than it wants to. */
export function answerOk(res: ServerResponse, answer: unknown): void {
  if (res.headersSent) return;
  const json = JSON.stringify(answer);
  res.writeHead(200, [...OK_HEADERS, 'Content-Length', String(Buffer.byteLength(json))]).end(json);
}

/** `channels` and `stats` may be asked without a body; the others then miss their fields. */
export function hasNoBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length'];
  return (length === undefined || length === '0') && req.headers['transfer-encoding'] === undefined;
}

/** Of a request without a body. A call that needs no field needs none; to one that needs some, it is the body that is missing. */
export function refusalWithoutBody(error: unknown): unknown {
  return error instanceof HttpError && error.code === 'FIELD_MISSING' ? catalogueError('BODY_MISSING') : error;
}
