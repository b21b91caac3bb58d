/** From a request to its user: which credential it carries, whether that is in force, and whose it is. */
import type { IncomingMessage } from 'node:http';
import { type OriginPolicy, parseCookies } from 'fanfare/http';
import type { EndedSessions } from './secrets.ts';
import type { SessionClaims, SessionTokens } from './session-tokens.ts';
import type { User, UserStore } from './user-store.ts';

export const SESSION_COOKIE = 'fanfare_session';

/** `none`: no credential. `foreign`: a cookie that another site made the browser send. `invalid`: not in force, for whatever reason. */
export type SessionOutcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'user'; readonly user: User; readonly claims: SessionClaims };

export interface CredentialsOptions {
  readonly users: UserStore;
  readonly tokens: SessionTokens;
  readonly ended: EndedSessions;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly origins: OriginPolicy;
}

/** Reads, gives out and ends sessions. Never looks at the URL: a token in a URL is a token in a log. */
export class Credentials {
  readonly #options: CredentialsOptions;

  constructor(options: CredentialsOptions) {
    this.#options = options;
  }

  get lifetimeMs(): number {
    return this.#options.tokens.lifetimeMs;
  }

  /** An Authorization header decides alone: where it is wrong, or of another scheme, the cookie beside it does not help. */
  async read(req: IncomingMessage): Promise<SessionOutcome> {
    const { authorization } = req.headers;
    const bearer = bearerToken(authorization);
    if (bearer !== undefined) return this.#check(bearer);
    if (authorization !== undefined) return { kind: 'none' };
    const cookie = parseCookies(req.headers.cookie).get(SESSION_COOKIE);
    if (cookie === undefined || cookie === '') return { kind: 'none' };
    return this.#options.origins.mayUseCookie(req) ? this.#check(cookie) : { kind: 'foreign' };
  }

  /** Whether a request that brings no credential may set our cookie: another site may not log a visitor in. */
  mayLogIn(req: IncomingMessage): boolean {
    return this.#options.origins.mayUseCookie(req);
  }

  issue(user: User): Promise<string> {
    return this.#options.tokens.issue(user.id);
  }

  /** The token is refused from now on, also after a restart. */
  end({ id, expiresAt }: SessionClaims): void {
    this.#options.ended.add({ id, expiresAt }, Math.floor(this.#options.now() / 1000));
  }

  async #check(token: string): Promise<SessionOutcome> {
    const { tokens, ended, users } = this.#options;
    const claims = await tokens.verify(token);
    if (claims === undefined || ended.has(claims.id)) return { kind: 'invalid' };
    const user = users.find(claims.userId);
    return user === undefined ? { kind: 'invalid' } : { kind: 'user', user, claims };
  }
}

function bearerToken(header: string | undefined): string | undefined {
  return header === undefined ? undefined : /^Bearer +(.*)$/i.exec(header)?.[1]?.trim();
}
