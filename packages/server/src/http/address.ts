/** Who is calling, as far as the network tells: what the socket says, or what a trusted proxy put in front of it. */
import { isIP } from 'node:net';
import type { ProxyTrust, TrustedProxies } from './proxy-trust.ts';
import type { RequestHead } from './request-head.ts';

/**
 * `trust`: 0: `X-Forwarded-For` is ignored, because any caller can write it. A number n: the nth entry from the right, which is
 * the one the outermost of our proxies added. A list: nothing unless the socket's peer is on it; then, from the right, the first
 * entry that is not. '' when nothing is known.
 */
export function clientAddress(req: RequestHead, trust: ProxyTrust): string {
  // What the kernel says needs no check: the checks were 4 % of what a connection costs.
  return (trust !== 0 && toldAddress(req, trust)) || unmapped(req.socket.remoteAddress ?? '');
}

/** Did the caller come over TLS: as `X-Forwarded-Proto` of the outermost of our proxies says, else as our own socket does. */
export function cameOverTls(req: RequestHead, trust: ProxyTrust): boolean {
  const hops = typeof trust === 'number' ? trust : chainOf(req, trust).hops;
  const scheme = hops === 0 ? '' : nthFromRight(entriesOf(req.headers['x-forwarded-proto']), hops);
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

/** '' when nothing is to be believed. */
function toldAddress(req: RequestHead, trust: ProxyTrust): string {
  if (typeof trust !== 'number') return chainOf(req, trust).address;
  return plain(nthFromRight(entriesOf(req.headers['x-forwarded-for']), trust));
}

/**
 * From the socket outwards, as long as it is proxies of ours that speak. `hops`: how many they are; `address`: whom the last of
 * them names, or itself where it names nobody that is an address; '' where the peer is none of ours.
 */
function chainOf(req: RequestHead, trust: TrustedProxies): { readonly address: string; readonly hops: number } {
  let address = unmapped(req.socket.remoteAddress ?? '');
  if (!trust.has(address)) return { address: '', hops: 0 };
  let hops = 1;
  for (const entry of entriesOf(req.headers['x-forwarded-for']).reverse()) {
    const told = plain(entry);
    if (told === '') break;
    address = told;
    if (!trust.has(told)) break;
    hops += 1;
  }
  return { address, hops };
}

/** Entries of a list that every proxy appends to. */
function entriesOf(header: string | readonly string[] | undefined): string[] {
  return header === undefined
    ? []
    : String(header)
        .split(',')
        .map((entry) => entry.trim());
}

function nthFromRight(entries: readonly string[], n: number): string {
  return entries.at(-n) ?? entries[0] ?? '';
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
