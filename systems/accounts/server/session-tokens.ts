/** Session tokens: JWTs of this server for this server. One algorithm, every claim required, nothing read from the header. */
import { randomUUID } from 'node:crypto';
import { type Identity, type TokenAuthenticate, tokens } from 'fanfare';
import { SignJWT } from 'jose';

/** What a valid token says. */
export interface SessionClaims {
  /** Token id: what a logout ends. */
  readonly id: string;
  readonly userId: number;
  /** Seconds since the epoch, both. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface SessionTokenOptions {
  readonly secret: Uint8Array;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** @default 12 hours */
  readonly lifetimeMs?: number;
}

const ISSUER = 'fanfare';
const AUDIENCE = 'fanfare-accounts';
const ALGORITHM = 'HS256';

const LIFETIME_MS = 12 * 3600 * 1000;

/** Issues and verifies tokens. What was verified once is remembered until it expires; failures are not. */
export class SessionTokens {
  readonly lifetimeMs: number;
  readonly #secret: Uint8Array;
  readonly #now: () => number;
  readonly #tokens: TokenAuthenticate;
  /** One object per identity, which the verifier remembers. */
  readonly #claims = new WeakMap<Identity, SessionClaims>();

  constructor({ secret, now, lifetimeMs = LIFETIME_MS }: SessionTokenOptions) {
    this.#secret = secret;
    this.#now = now;
    this.lifetimeMs = lifetimeMs;
    const ours = {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: [ALGORITHM],
      types: ['JWT'],
      clockToleranceMs: 0,
    } as const;
    this.#tokens = tokens({ issuers: [{ ...ours, secret }], now });
  }

  issue(userId: number): Promise<string> {
    const issuedAt = Math.floor(this.#now() / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(String(userId))
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + Math.floor(this.lifetimeMs / 1000))
      .sign(this.#secret);
  }

  /** The claims of a token that is ours and in force; undefined for every other text, without saying why. */
  async verify(token: string): Promise<SessionClaims | undefined> {
    const verdict = await this.#tokens.verdictOn(token);
    if (verdict.kind === 'refused') return undefined;
    const { identity } = verdict;
    const claims = this.#claims.get(identity) ?? claimsOf(identity);
    if (claims !== undefined) this.#claims.set(identity, claims);
    return claims;
  }
}

function claimsOf({ subject, tokenId: id, issuedAt, expiresAt }: Identity): SessionClaims | undefined {
  const userId = Number(subject);
  if (id === undefined || issuedAt === undefined || expiresAt === undefined) return undefined;
  if (!Number.isSafeInteger(userId)) return undefined;
  return { id, userId, issuedAt: issuedAt / 1000, expiresAt: expiresAt / 1000 };
}
