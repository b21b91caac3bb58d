/** Reads the `Cookie` header as RFC 6265 §5.4 writes it. */

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
