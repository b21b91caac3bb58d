/** The head of an SSE answer as bytes: written past `http`, in one write with the first event. */
import type { ServerResponse } from 'node:http';
import { encodeSseRetry } from '@fanfare/protocol';

/** What an SSE answer must say for itself, and what keeps proxies and middleware from holding it back. */
export const SSE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  // no-transform: compressing middleware and proxies would otherwise collect the events.
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
  // The end of the connection is the end of the body: legal for HTTP/1.0 and 1.1, and raw writes need no chunk framing.
  Connection: 'close',
};

const OURS = new Set([
  'content-length',
  'transfer-encoding',
  'date',
  ...Object.keys(SSE_HEADERS).map((name) => name.toLowerCase()),
]);
const FIXED = `HTTP/1.1 200 OK\r\n${lines(Object.entries(SSE_HEADERS))}`;

/** Keeps the headers that middleware has set (CORS, cookies); Node has checked each of them for line ends. */
export function streamPreface(res: ServerResponse, retryMs: number): Buffer {
  let head = FIXED;
  for (const name of res.getHeaderNames()) {
    const value = OURS.has(name) ? undefined : res.getHeader(name);
    if (value === undefined) continue;
    head += lines((Array.isArray(value) ? value : [value]).map((one) => [name, String(one)]));
  }
  return Buffer.from(`${head}Date: ${new Date().toUTCString()}\r\n\r\n${encodeSseRetry(retryMs)}`, 'latin1');
}

function lines(headers: Iterable<readonly [string, string]>): string {
  let text = '';
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return text;
}
