/** The one SSE serializer [PROTOCOL §6.1]: what could end a line is refused where it means nothing and split where it does. */

export interface SseFields {
  readonly event?: string;
  /** `[A-Za-z0-9._~-]`; '' or absent: the block moves no Last-Event-ID. */
  readonly id?: string;
  readonly data: string;
}

/** Least and most that a client is told to wait before it reconnects, milliseconds. */
export const MIN_RETRY_MS = 1000;
export const MAX_RETRY_MS = 60_000;

const LINE_END = /\r\n|\n|\r/;
const LINE_ENDS = /\r\n|\n|\r/g;
const BREAKS_LINE = /[\r\n\0]/;
const ID = /^[A-Za-z0-9._~-]*$/;

/** A whole block. @throws TypeError on an event name with CR, LF or NUL, and on an id outside its alphabet. */
export function encodeSseEvent(fields: SseFields): string {
  return encodeSseStart(fields) + encodeSseEnd(fields.id ?? '');
}

/** A block up to its id: the part that every connection shares. `encodeSseEnd` must follow it on the wire. */
export function encodeSseStart(fields: { readonly event?: string; readonly data: string }): string {
  const { event, data } = fields;
  if (event !== undefined && (event === '' || BREAKS_LINE.test(event))) {
    throw new TypeError(`An SSE event name must not be empty or hold CR, LF or NUL, got ${JSON.stringify(event)}.`);
  }
  const lines = LINE_END.test(data) ? data.replace(LINE_ENDS, '\ndata: ') : data;
  return event === undefined ? `data: ${lines}\n` : `event: ${event}\ndata: ${lines}\n`;
}

/** The end of a block: its id, which may belong to one connection alone, and the blank line. */
export function encodeSseEnd(id: string): string {
  if (!ID.test(id)) throw new TypeError(`An SSE id is made of A-Z a-z 0-9 . _ ~ -, got ${JSON.stringify(id)}.`);
  return id === '' ? '\n' : `id: ${id}\n\n`;
}

/** Tells EventSource how long to wait before it reconnects; clamped to 1000..60000 ms, because 0 is a connection storm. */
export function encodeSseRetry(ms: number): string {
  if (Number.isNaN(ms)) throw new TypeError('An SSE retry is a number of milliseconds, got NaN.');
  return `retry: ${Math.round(Math.min(Math.max(ms, MIN_RETRY_MS), MAX_RETRY_MS))}\n\n`;
}

/** Bytes that no EventSource shows. @throws TypeError on CR, LF or NUL. */
export function encodeSseComment(text: string): string {
  if (BREAKS_LINE.test(text))
    throw new TypeError(`An SSE comment must not hold CR, LF or NUL, got ${JSON.stringify(text)}.`);
  return `: ${text}\n\n`;
}
