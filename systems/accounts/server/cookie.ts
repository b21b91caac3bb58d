/** The session cookie: out of reach of scripts, not sent by other sites' forms, only over TLS where there is TLS. */
import type { IncomingMessage } from 'node:http';

export const SESSION_COOKIE = 'fanfare_session';

export interface CookieOptions {
  /** Seconds; 0 removes the cookie. */
  readonly maxAge: number;
  readonly secure: boolean;
}

/** Value of a Set-Cookie header. The token is a JWT: nothing in it needs quoting. */
export function sessionCookie(token: string, { maxAge, secure }: CookieOptions): string {
  return `${SESSION_COOKIE}=${token}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** Did the browser come over TLS: to us, or to the proxy of ours in front. A stranger's header is not believed. */
export function cameOverTls(req: IncomingMessage, trustedHops: number): boolean {
  if ('encrypted' in req.socket && req.socket.encrypted === true) return true;
  return trustedHops > 0 && req.headers['x-forwarded-proto'] === 'https';
}
