/** Tells a request that is like an earlier one, which `node:http` has read: the same bytes of its head, but for the length of its body. */
import type { IncomingMessage } from 'node:http';

/** A head around its length. */
export interface RequestTemplate {
  readonly before: string;
  readonly after: string;
}

const END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length: /i;
/** No zero in front, and small enough to be one message. */
const DIGITS = /^[1-9]\d{0,8}$/;

/**
 * One whole request that is like the first, and nothing behind it; undefined: it is for `node:http`. The first time it is held against the headers
 * as `node:http` read them, later against the bytes.
 */
export function readLikeFirst(
  bytes: Buffer,
  like: RequestTemplate | IncomingMessage,
): { readonly template: RequestTemplate; readonly body: Buffer } | undefined {
  const end = bytes.indexOf(END) + END.length;
  if (end < END.length) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const template = 'before' in like ? like : templateOf(head, like);
  if (template === undefined) return undefined;
  const { before, after } = template;
  const digits = head.slice(before.length, head.length - after.length);
  if (!DIGITS.test(digits) || !head.startsWith(before) || !head.endsWith(after)) return undefined;
  return Number(digits) === bytes.length - end ? { template, body: bytes.subarray(end) } : undefined;
}

/** undefined: it is not the head that this request had, written in the plainest way. */
function templateOf(head: string, { method, url, rawHeaders }: IncomingMessage): RequestTemplate | undefined {
  const found = LENGTH.exec(head);
  if (found === null) return undefined;
  const start = found.index + found[0].length;
  const digits = head.slice(start, head.indexOf('\r\n', start));
  const lines = [`${method} ${url} HTTP/1.1`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    lines.push(`${name}: ${name.toLowerCase() === 'content-length' ? digits : rawHeaders[at + 1]}`);
  }
  if (`${lines.join('\r\n')}${END}` !== head) return undefined;
  return { before: head.slice(0, start), after: head.slice(start + digits.length) };
}
