/** Conditional GET: an answer carries a hash of itself, and a caller who has it already gets 304 and no body. */
import { createHash } from 'node:crypto';
import type { Exchange } from './exchange.ts';
import type { HeaderMap } from './respond.ts';

/** Answers 200 with the value as JSON, or 304. A cache may keep it, but must ask every time. */
export function sendCached(exchange: Exchange, body: unknown, headers: HeaderMap = {}): void {
  sendCachedJson(exchange, JSON.stringify(body) ?? 'null', headers);
}

/** The same for a JSON text that was serialised before. */
export function sendCachedJson(exchange: Exchange, json: string, headers: HeaderMap = {}): void {
  const etag = `"${createHash('sha1').update(json).digest('base64url')}"`;
  const cacheable = { 'Cache-Control': 'no-cache', ...headers, ETag: etag };
  if (hasTag(exchange.header('if-none-match'), etag)) {
    exchange.res.writeHead(304, flatten(cacheable)).end();
    return;
  }
  exchange.sendJson(200, json, cacheable);
}

/**
 * Does an `If-None-Match` name the tag? By weak comparison [RFC 9110 §8.8.3.2]: a proxy that compresses turns `"..."` into
 * `W/"..."`.
 */
export function hasTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = (ifNoneMatch ?? '').split(',').map(strong);
  return tags.includes('*') || tags.includes(strong(etag));
}

function strong(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}

function flatten(headers: HeaderMap): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [name, value] : value.flatMap((each) => [name, each]),
  );
}
