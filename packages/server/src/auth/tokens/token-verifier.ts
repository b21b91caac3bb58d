/**
 * Is a token one of ours, and in force? The issuer is found by what the token says, and everything else is held against what
 * the configuration says of that issuer: algorithm, audience, keys. No request is made before, and none to where a token points.
 */

import { createHash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import QuickLRU from 'quick-lru';
import { AccessUnavailable } from '../access.ts';
import type { Identity } from '../identity.ts';
import { compileIssuer, type Issuer, type IssuerOptions } from './issuer.ts';
import { isKeyFault, type KeyToTry } from './issuer-keys.ts';
import { readClaims } from './token-claims.ts';

/** `why`: for whoever runs the server; the client is only told `code`. */
export type TokenVerdict =
  | { readonly kind: 'valid'; readonly identity: Identity }
  | { readonly kind: 'refused'; readonly code: 'UNAUTHENTICATED' | 'CREDENTIAL_EXPIRED'; readonly why: string };

export interface TokenVerifierOptions {
  readonly issuers: readonly IssuerOptions[];
  /** Verified tokens that are remembered. @default 10000 */
  readonly maxRemembered?: number;
  /** Wall clock, milliseconds. @default the system's */
  readonly now?: () => number;
}

interface Verified {
  readonly identity: Identity;
  /** Then its key is asked for again, which may have been withdrawn. Wall clock, milliseconds. */
  readonly until: number;
}

const TOKEN = /^[\w-]{2,}\.[\w-]{2,}\.[\w-]+$/;
const MAX_LENGTH = 8192;

export class TokenVerifier {
  readonly #issuers: ReadonlyMap<string, Issuer>;
  readonly #now: () => number;
  /** By hash, so that a dump of memory or a stray log holds no token. */
  readonly #verified: QuickLRU<string, Verified>;

  /** Throws a TypeError on issuers that make no sense. */
  constructor({ issuers, maxRemembered = 10_000, now = Date.now }: TokenVerifierOptions) {
    if (issuers.length === 0) throw new TypeError('tokens(): issuers: expected at least one.');
    const compiled = issuers.map((issuer) => compileIssuer(issuer, now));
    this.#issuers = new Map(compiled.map((issuer) => [issuer.issuer, issuer]));
    if (this.#issuers.size < compiled.length) throw new TypeError('tokens(): issuers: two have the same issuer.');
    this.#now = now;
    this.#verified = new QuickLRU({ maxSize: maxRemembered });
  }

  /** Rejects only when the keys cannot be had, which passes. */
  async verify(token: string): Promise<TokenVerdict> {
    if (token.length > MAX_LENGTH || !TOKEN.test(token)) return refused('it is no signed JWT');
    const hash = createHash('sha256').update(token).digest('base64');
    const known = this.#verified.get(hash);
    if (known !== undefined && known.until > this.#now()) return this.#stillValid(known);
    const verdict = await this.#check(token);
    if (verdict.kind === 'valid') this.#verified.set(hash, this.#verifiedNow(verdict.identity));
    return verdict;
  }

  #verifiedNow(identity: Identity): Verified {
    return { identity, until: this.#issuers.get(String(identity.claims?.['iss']))?.keys.until() ?? 0 };
  }

  #stillValid({ identity }: Verified): TokenVerdict {
    const issuer = this.#issuers.get(String(identity.claims?.['iss']));
    const lastsUntil = (identity.expiresAt ?? 0) + (issuer?.clockToleranceMs ?? 0);
    return lastsUntil > this.#now() ? { kind: 'valid', identity } : EXPIRED;
  }

  async #check(token: string): Promise<TokenVerdict> {
    const parts = decode(token);
    if (parts === undefined) return refused('it is no signed JWT');
    const { header, payload } = parts;
    const issuer = typeof payload.iss === 'string' ? this.#issuers.get(payload.iss) : undefined;
    if (issuer === undefined) return refused(`iss: there is no issuer ${JSON.stringify(payload.iss ?? null)}`);
    const allowed: readonly unknown[] = issuer.algorithms;
    if (!allowed.includes(header.alg)) {
      return refused(
        `alg: ${issuer.issuer} signs with ${allowed.join(', ')}, not ${JSON.stringify(header.alg ?? null)}`,
      );
    }
    if (!isFor(issuer, header)) return refused(`typ: ${JSON.stringify(header.typ ?? null)} is for something else`);
    let verdict: TokenVerdict = refused('kid: there is no such key');
    for (const key of issuer.keys.find(header)) {
      verdict = await this.#checkWith(token, key, issuer);
      if (verdict.kind === 'valid' || verdict.code === 'CREDENTIAL_EXPIRED') break;
    }
    return verdict;
  }

  async #checkWith(token: string, key: KeyToTry, issuer: Issuer): Promise<TokenVerdict> {
    const now = this.#now();
    try {
      const options = {
        ...{ algorithms: [...issuer.algorithms], issuer: issuer.issuer, audience: [...issuer.audience] },
        ...{
          requiredClaims: ['exp', 'sub'],
          clockTolerance: issuer.clockToleranceMs / 1000,
          currentDate: new Date(now),
        },
      };
      // Two calls, as TypeScript picks one of two signatures.
      const { payload } =
        typeof key === 'function' ? await jwtVerify(token, key, options) : await jwtVerify(token, key, options);
      const read = readClaims(payload, issuer, now);
      return read.ok ? { kind: 'valid', identity: read.identity } : refused(read.why);
    } catch (error) {
      // jose's errors carry the payload: they stop here, so that no claim of anybody reaches an answer or a log.
      if (typeof key === 'function' && isKeyFault(error))
        throw new AccessUnavailable(`The keys of the issuer ${issuer.issuer} cannot be had: ${nameOf(error)}.`);
      return error instanceof errors.JWTExpired ? EXPIRED : refused(explain(error));
    }
  }
}

const EXPIRED: TokenVerdict = { kind: 'refused', code: 'CREDENTIAL_EXPIRED', why: 'exp: it has expired' };

function refused(why: string): TokenVerdict {
  return { kind: 'refused', code: 'UNAUTHENTICATED', why };
}

function decode(token: string): { readonly header: Header; readonly payload: JWTPayload } | undefined {
  try {
    const { alg, typ, kid }: Readonly<Record<string, unknown>> = { ...decodeProtectedHeader(token) };
    const header = { alg: textOf(alg), typ: textOf(typ), ...(typeof kid === 'string' ? { kid } : {}) };
    return { header, payload: decodeJwt(token) };
  } catch {
    return undefined;
  }
}

interface Header {
  readonly alg: string | undefined;
  readonly typ: string | undefined;
  readonly kid?: string;
}

function isFor({ types }: Issuer, { typ }: Header): boolean {
  return typ === undefined ? types.includes('') : typ !== '' && types.includes(typ.toLowerCase());
}

/** What is no text is nothing that is allowed. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : value === undefined ? undefined : '\0';
}

const REASONS: Readonly<Record<string, string>> = {
  check_failed: 'it is not the expected one',
  missing: 'it is missing',
  invalid: 'it is of the wrong kind',
};

function explain(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed)
    return `${error.claim}: ${REASONS[error.reason] ?? error.reason}`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is not of the key';
  if (error instanceof errors.JWKSNoMatchingKey) return 'kid: the issuer has no such key';
  return nameOf(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
