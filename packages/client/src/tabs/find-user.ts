/** Whose tab it is: tabs of different users never share a connection. */
import type { LinkHost } from '../link.ts';

/** Below 2 ** 47: whatever is multiplied by 31 stays exact. */
const PRIME = 0x7fff_ffff_ff8d;

export interface Found {
  readonly user: string;
  readonly token?: string | undefined;
}

/** `user`: as the application names them, else whose the token is. undefined: no token is to be had, which the client has reported. */
export function findUser(
  host: Pick<LinkHost, 'token'>,
  refresh: boolean,
  user?: string | undefined,
): Promise<Found | undefined> {
  return host.token(refresh).then(
    (token) => ({ user: user ?? userOf(token), token }),
    () => undefined,
  );
}

/** The `sub` of a JWT, else a hash of the token. '': there is none. Nothing is verified: the server does that. */
export function userOf(token = ''): string {
  try {
    const { sub } = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
    if (sub) return `sub ${sub}`;
  } catch {
    // No JWT: a word like any other.
  }
  let hash = 0;
  for (const letter of token) hash = (hash * 31 + letter.charCodeAt(0)) % PRIME;
  return token && `hash ${hash}`;
}
