/** Session tokens: JWTs of this server for this server. One algorithm, every claim required, nothing read from the header. */
import { createHash, randomUUID } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';

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
/** Two generations of this many: bounded whoever sends what, and a storm of reconnects verifies each token once. */
const CACHE_GENERATION = 5000;
/** Far above any token of ours; hashing and parsing megabytes for a stranger is work we refuse. */
const MAX_TOKEN_LENGTH = 2048;

/** Issues and verifies tokens. Verification is cached by the token's hash until it expires; failures are not cached. */
export class SessionTokens {
  readonly lifetimeMs: number;
  readonly #secret: Uint8Array;
  readonly #now: () => number;
  #young = new Map<string, SessionClaims>();
  #old: ReadonlyMap<string, SessionClaims> = new Map();

  constructor({ secret, now, lifetimeMs = LIFETIME_MS }: SessionTokenOptions) {
    if (secret.byteLength < 32)
      throw new TypeError('The session secret needs at least 32 bytes; pass randomBytes(32).');
    this.#secret = secret;
    this.#now = now;
    this.lifetimeMs = lifetimeMs;
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
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.#young.get(hash) ?? this.#old.get(hash);
    const claims = known ?? (await this.#check(token));
    if (claims === undefined || claims.expiresAt * 1000 <= this.#now()) return undefined;
    this.#remember(hash, claims);
    return claims;
  }

  async #check(token: string): Promise<SessionClaims | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: 'JWT',
        requiredClaims: ['exp', 'iat', 'sub', 'jti'],
        currentDate: new Date(this.#now()),
      });
      const userId = Number(payload.sub);
      const { jti: id, iat: issuedAt, exp: expiresAt } = payload;
      if (id === undefined || issuedAt === undefined || expiresAt === undefined) return undefined;
      return Number.isSafeInteger(userId) ? { id, userId, issuedAt, expiresAt } : undefined;
    } catch {
      // jose's errors carry the payload: they stop here, so that no token or claim reaches an answer or a log.
      return undefined;
    }
  }

  #remember(hash: string, claims: SessionClaims): void {
    if (this.#young.has(hash)) return;
    if (this.#young.size >= CACHE_GENERATION) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(hash, claims);
  }
}
