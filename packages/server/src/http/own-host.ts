/**
 * By what names this server may be called. A page whose own name was made to lead here (DNS rebinding) is to the browser a page of ours;
 * what gives it away is that name, in `Host`.
 */

import { isIP } from 'node:net';
import { isLoopback } from './address.ts';
import type { RequestHead } from './request-head.ts';

/** Names that nobody can register, RFC 6761 and 6762: whoever makes them lead here has this machine or its network already. */
const RESERVED = /(?:^|\.)(?:localhost|test|internal|local)$/;

/** RFC 9110 §7.2; brackets are for addresses, and nothing but a port may follow. */
const HOST = /^(?:\[(?<address>[\da-f:.]+)\]|(?<name>[^:[\]]*))(?::\d*)?$/i;

export interface OwnHostOptions {
  /** As browsers write the origins of this server; none: by whatever name it is reached. */
  readonly publicOrigins: readonly string[];
  /** Proxies are in front, which hand on names that we cannot know. */
  readonly isProxied: boolean;
}

export class OwnHost {
  readonly #names: ReadonlySet<string>;
  readonly #isProxied: boolean;

  constructor({ publicOrigins, isProxied }: OwnHostOptions) {
    this.#names = new Set(publicOrigins.map((origin) => nameOf(new URL(origin).host)));
    this.#isProxied = isProxied;
  }

  /**
   * With names: those, an address, or localhost. Without: any, but on a connection from this machine itself only a name that no stranger
   * can have: that is where programs listen that nobody meant for the web.
   */
  accepts(req: RequestHead): boolean {
    const name = nameOf(hostOf(req) ?? '');
    if (name === '' || name === 'localhost' || isIP(name) !== 0 || this.#names.has(name)) return true;
    if (this.#names.size > 0) return false;
    return this.#isProxied || !name.includes('.') || RESERVED.test(name) || !isLoopback(req.socket.remoteAddress ?? '');
  }

  /** Is it one of the names that were given? Where none were, any is. */
  isNamed(req: RequestHead): boolean {
    return this.#names.size === 0 || this.#names.has(nameOf(hostOf(req) ?? ''));
  }
}

/** Of HTTP/1 and HTTP/2. */
export function hostOf({ headers }: RequestHead): string | undefined {
  const authority = headers[':authority'];
  return headers.host ?? (typeof authority === 'string' ? authority : undefined);
}

/** Without port, brackets and the dot of the root: none of them makes it another machine. What is no host and port is nobody's name. */
function nameOf(host: string): string {
  const { address, name = host } = HOST.exec(host)?.groups ?? {};
  return (address ?? name).toLowerCase().replace(/\.$/, '');
}
