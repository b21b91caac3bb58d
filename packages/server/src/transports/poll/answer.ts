/** The answer of a poll on the wire [PROTOCOL §15.2]: JSON around the bytes that all polls share. */
import { encodeCursor, encodeFrame, type TransportName } from '@fanfare/protocol';
import type { Exchange } from '../../http/exchange.ts';
import { JSON_HEADERS } from '../../http/respond.ts';
import type { Gathered } from './gathering.ts';
import { entityTag, type HeldAnswer } from './request.ts';

export interface AnswerOptions {
  /** The wires that may be used; undefined: all of them. */
  readonly transports: readonly TransportName[] | undefined;
  /** No cache may repeat it. */
  readonly isOnce: boolean;
  /** A client that takes nothing for so long is cut. */
  readonly stallMs: number;
}

/** The socket takes so many bytes at once; who leaves more of them waiting is watched. */
const EASY_BYTES = 16 * 1024;

/** How the wires that an answer names are written in its tag. */
export function wiresMark(transports: readonly TransportName[] | undefined): string {
  return transports?.join('.') ?? '';
}

export function sendAnswer(exchange: Exchange, gathered: Gathered, options: AnswerOptions): void {
  const { res } = exchange;
  const { transports } = options;
  const cursor = encodeCursor(gathered.standing);
  const events = withoutFirstComma(gathered.events);
  const head = Buffer.from('{"events":[');
  const tail = Buffer.from(rest(gathered, cursor, transports));
  let length = head.length + tail.length;
  for (const chunk of events) length += chunk.length;
  const tag = entityTag(cursor, wiresMark(transports));
  res.writeHead(200, { 'Content-Length': length, ...headers(exchange, tag, options) });
  if (length > EASY_BYTES) res.setTimeout(options.stallMs, () => res.destroy());
  if (exchange.req.method === 'HEAD') {
    res.end();
    return;
  }
  // Not joined: of what a thousand polls get, the socket of each holds the same bytes.
  res.write(head);
  for (const chunk of events) res.write(chunk);
  res.end(tail);
}

/** 304: what the client has is what it would get. */
export function sendUnchanged(exchange: Exchange, held: HeldAnswer, options: AnswerOptions): void {
  const { 'Content-Type': _, ...kept } = headers(exchange, entityTag(encodeCursor(held.standing), held.wires), options);
  exchange.res.writeHead(304, kept).end();
}

/**
 * Only for the client's own cache, because the id of its connection is in it. What may be kept is asked for every time: the
 * tag tells whether it still holds.
 */
function headers({ res }: Exchange, tag: string, { isOnce }: AnswerOptions): Record<string, string> {
  const vary = new Set([...String(res.getHeader('Vary') ?? 'Origin').split(/, */), 'Authorization', 'Cookie']);
  return {
    ETag: tag,
    Vary: [...vary].join(', '),
    ...JSON_HEADERS,
    'Cache-Control': isOnce ? 'private, no-cache, no-store' : 'private, no-cache',
  };
}

function rest(gathered: Gathered, cursor: string, transports: AnswerOptions['transports']): string {
  const { lost, connection, more } = gathered;
  const subscriptions = gathered.subscriptions.map(encodeFrame).join(',');
  const wires = transports === undefined ? '' : `,"transports":${JSON.stringify(transports)}`;
  const place = `"cursor":${JSON.stringify(cursor)},"recovered":${!lost}`;
  return `],${place},"subscriptions":[${subscriptions}],"connection":${JSON.stringify(connection)}${wires}${more ? ',"more":true' : ''}}`;
}

function withoutFirstComma(events: readonly Uint8Array[]): readonly Uint8Array[] {
  const [first, ...others] = events;
  return first === undefined ? [] : [first.subarray(1), ...others];
}
