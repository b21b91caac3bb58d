/** The head of an SSE answer: as text that is written past `http`, in one write with the first event; or by the book. */
import type { ServerResponse } from 'node:http';

/** What an SSE answer must say for itself, and what keeps proxies and middleware from holding it back. */
const SSE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // no-transform: compressing middleware and proxies would otherwise collect the events.
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
};

const OURS = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'date',
  ...Object.keys(SSE_HEADERS).map((name) => name.toLowerCase()),
]);
// The end of the connection is the end of the body: legal for HTTP/1.0 and 1.1, and raw writes need no chunk framing.
const FIXED = `HTTP/1.1 200 OK\r\n${lines(Object.entries(SSE_HEADERS))}Connection: close\r\n`;

/** The same head through the response: for HEAD, for a refusal, and for HTTP/2, which knows no connection of its own. */
export function writeStreamHead(res: ServerResponse): void {
  for (const [name, value] of Object.entries(SSE_HEADERS)) res.setHeader(name, value);
  if (res.req.httpVersionMajor === 1) res.setHeader('Connection', 'close');
  res.writeHead(200);
}

/** The same of an answer that has no response object. `headers`: beside its own. */
export function bareStreamHead(headers: Iterable<readonly [string, string]>): string {
  return `${FIXED}${lines(headers)}Date: ${new Date().toUTCString()}\r\n\r\n`;
}

/** Keeps the headers that middleware has set (CORS, cookies); Node has checked each of them for line ends. */
export function rawStreamHead(res: ServerResponse): string {
  let head = FIXED;
  for (const name of res.getHeaderNames()) {
    const value = OURS.has(name) ? undefined : res.getHeader(name);
    if (value === undefined) continue;
    head += lines((Array.isArray(value) ? value : [value]).map((one) => [name, String(one)]));
  }
  return `${head}Date: ${new Date().toUTCString()}\r\n\r\n`;
}

function lines(headers: Iterable<readonly [string, string]>): string {
  let text = '';
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return text;
}
