/** Whose tab it is: tabs of different users never share a connection. */
import type { LinkHost } from '../link.ts';
import type { Platform } from '../platform.ts';

/** A token, and whose it is. */
export interface Found {
  readonly token: string | undefined;
  readonly user: string;
  readonly until: number;
}

/** A token that was asked for to learn whose it is serves the connection as well, for so long. */
const FRESH_MS = 10_000;

export class TabIdentity {
  readonly #host: Pick<LinkHost, 'token'>;
  readonly #user: string | undefined;
  readonly #platform: Pick<Platform, 'now'>;
  #fresh: Found | undefined;

  /** `user`: as the application names them; undefined: whose the token is. */
  constructor(host: Pick<LinkHost, 'token'>, platform: Pick<Platform, 'now'>, user: string | undefined) {
    this.#host = host;
    this.#platform = platform;
    this.#user = user;
  }

  /** undefined: there is no telling, since the application has no token now. */
  async user(): Promise<string | undefined> {
    if (this.#user !== undefined) return this.#user;
    this.#fresh = await this.find(false);
    return this.#fresh?.user;
  }

  async find(refresh: boolean): Promise<Found | undefined> {
    const fresh = this.#fresh;
    this.#fresh = undefined;
    if (fresh !== undefined && !refresh && this.#platform.now() < fresh.until) return fresh;
    try {
      const token = await this.#host.token(refresh);
      return { token, user: this.#user ?? userOf(token), until: this.#platform.now() + FRESH_MS };
    } catch {
      // The client has reported it.
      return undefined;
    }
  }

  /** This one is for another group. */
  keep(found: Found): void {
    this.#fresh = found;
  }
}

/** The `sub` of a JWT, else a hash of the token. '': there is none. Nothing is verified: the server does that. */
export function userOf(token: string | undefined): string {
  if (!token) return '';
  try {
    const claims: unknown = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims === 'object' && claims !== null && 'sub' in claims) return `sub ${claims.sub}`;
  } catch {
    // No JWT: a word like any other.
  }
  let [one, other] = [1, 2];
  for (const letter of token) {
    one = Math.imul(one ^ letter.charCodeAt(0), 0x9e3779b1);
    other = Math.imul(other + letter.charCodeAt(0), 0x85ebca6b) ^ (one >>> 15);
  }
  return `hash ${one} ${other}`;
}
