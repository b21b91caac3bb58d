/** Who is calling, as far as the network tells: what the socket says, or what a trusted proxy put in front of it. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * `trustedHops`: how many proxies of ours stand in front. 0: `X-Forwarded-For` is ignored, because any caller can write
 * it. n: the nth entry from the right, which is the one the outermost of our proxies added. '' when nothing is known.
 */
export function clientAddress(req: IncomingMessage, trustedHops: number): string {
  const told = forwarded(req.headers['x-forwarded-for'], trustedHops);
  // What the kernel says needs no check: the checks were 4 % of what a connection costs.
  return (told !== '' && plain(told)) || unmapped(req.socket.remoteAddress ?? '');
}

/** Did the caller come over TLS: as `X-Forwarded-Proto` of the outermost of our proxies says, else as our own socket does. */
export function cameOverTls(req: IncomingMessage, trustedHops: number): boolean {
  const scheme = forwarded(req.headers['x-forwarded-proto'], trustedHops);
  return scheme === '' ? 'encrypted' in req.socket && req.socket.encrypted === true : scheme === 'https';
}

/**
 * Who counts as one caller where calls are limited: an IPv4 address, or the IPv6 network of this prefix. A /64 is one
 * subscriber's line, a /48 the most that one customer is usually given.
 */
export function networkOf(address: string, prefix: 48 | 64 = 64): string {
  if (!address.includes(':')) {
    return address;
  }
  const [head = '', tail] = address.split('::');
  const left = groupsOf(head);
  const right = tail === undefined ? [] : groupsOf(tail);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return `${groups
    .slice(0, prefix / 16)
    .map(withoutLeadingZeros)
    .join(':')}::/${prefix}`;
}

/** As `networkOf`, where connections are counted. '': the machine itself, or a proxy on it that nobody named: it is not counted. */
export function countedNetwork(address: string): string {
  return isLoopback(address) ? '' : networkOf(address);
}

/** The machine itself. */
export function isLoopback(address: string): boolean {
  const plainAddress = unmapped(address);
  return plainAddress.startsWith('127.') || plainAddress === '::1';
}

/** What the outermost of our proxies wrote into a list that every proxy appends to; '' when nothing is to be believed. */
function forwarded(header: string | readonly string[] | undefined, trustedHops: number): string {
  if (trustedHops === 0 || header === undefined) {
    return '';
  }
  const entries = String(header).split(',');
  return (entries.at(-trustedHops) ?? entries[0] ?? '').trim();
}

/** Without a port; '' for what is not an address. */
function plain(text: string): string {
  const address = unmapped(text.replace(/^\[(.*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1'));
  return isIP(address) === 0 ? '' : address;
}

/** IPv4 as IPv4 also where the socket listens on IPv6. */
function unmapped(address: string): string {
  return address.startsWith('::') ? address.replace(/^::ffff:([\d.]+)$/i, '$1') : address;
}

function groupsOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(':');
}

function withoutLeadingZeros(group: string): string {
  return group.toLowerCase().replace(/^0+(?=.)/, '');
}
