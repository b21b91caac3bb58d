/** Cross-site request forgery: a cookie goes along by itself, so whoever sends one with a change must come from our own pages. */
import type { IncomingMessage } from 'node:http';
import type { OriginPolicy } from 'fanfare/http';

/** Methods that change nothing, so that a forged one gains nothing. */
const SAFE: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Whether a request may act on the strength of a cookie. Browsers name the origin of every request that changes something.
 * Neither Origin nor Sec-Fetch-Site: a program, which carries no cookie that it was not given.
 */
export function mayUseCookie(req: IncomingMessage, origins: OriginPolicy): boolean {
  if (SAFE.has(req.method)) return true;
  const verdict = origins.verdict(req);
  if (verdict !== 'absent') return verdict !== 'denied';
  const site = req.headers['sec-fetch-site'];
  return site === undefined || site === 'same-origin' || site === 'none';
}
