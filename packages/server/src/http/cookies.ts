/** Reads the `Cookie` header as RFC 6265 §5.4 writes it, and writes `Set-Cookie` for what no script needs to see. */

export interface PrivateCookie {
  readonly name: string;
  readonly value: string;
  /** @default '/' */
  readonly path?: string;
  /** Seconds; 0 removes the cookie. @default until the browser is closed */
  readonly maxAge?: number;
  /** Only over TLS: `exchange.isSecure`. */
  readonly secure: boolean;
}

/**
 * Value of a `Set-Cookie` header: out of reach of scripts, not sent along by other sites' forms. Throws a TypeError on what
 * would need quoting, or end the header.
 */
export function privateCookie({ name, value, path = '/', maxAge, secure }: PrivateCookie): string {
  if (!/^[\w-]+$/.test(name) || !/^[\w.~+/=-]*$/.test(value) || !/^\/[\w/-]*$/.test(path)) {
    throw new TypeError(`The cookie ${JSON.stringify(name)} has a name, value or path that a cookie cannot hold.`);
  }
  const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`;
  return `${name}=${value}; Path=${path}${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** Values by name, percent-decoded where that is possible; the first of a repeated name counts, as it has the longer path. */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? '').split(';')) {
    const split = pair.indexOf('=');
    const name = pair.slice(0, split).trim();
    if (split > 0 && name !== '' && !cookies.has(name)) {
      cookies.set(name, decode(unquote(pair.slice(split + 1).trim())));
    }
  }
  return cookies;
}

function unquote(value: string): string {
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

function decode(value: string): string {
  if (!value.includes('%')) {
    return value;
  }
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
