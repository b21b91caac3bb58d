/** Who is calling, as far as the network tells: the socket's address, or the one a trusted proxy put in front of it. */
import type { IncomingMessage } from 'node:http';

/**
 * `trustedHops`: how many proxies of ours stand in front. 0: `X-Forwarded-For` is ignored, because any caller can write
 * it. n: the nth entry from the right, which is the one the outermost of our proxies added.
 */
export function clientAddress(req: IncomingMessage, trustedHops: number): string {
  const direct = plain(req.socket.remoteAddress ?? '');
  const header = req.headers['x-forwarded-for'];
  if (trustedHops === 0 || header === undefined) {
    return direct;
  }
  const entries = (Array.isArray(header) ? header.join(',') : header).split(',');
  const entry = entries.at(-trustedHops) ?? entries[0] ?? '';
  return plain(entry.trim()) || direct;
}

/** IPv4 as IPv4 also where the socket listens on IPv6; nothing that is not an address passes. */
function plain(address: string): string {
  const text = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
  return /^[0-9a-fA-F.:]{2,45}$/.test(text) ? text : '';
}
