/** The keys that may have signed a token of one issuer. `kid` only chooses among them; it is never a path, a query or an address. */
import type { KeyObject } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWKSCacheInput, type JWTVerifyGetKey, jwksCache } from 'jose';

/** One key to try; a function asks for it, and may have to fetch. */
export type KeyToTry = KeyObject | Uint8Array | JWTVerifyGetKey;

export interface IssuerKeys {
  /** Which keys to try, in their order. One that is a function rejects when it cannot be had. */
  find(header: KeyHint): readonly KeyToTry[];
  /** Up to when what they have signed may be believed without asking them again; wall clock, milliseconds. */
  until(): number;
}

/** What the header of a token says of its key. */
export interface KeyHint {
  readonly alg: string | undefined;
  readonly kid?: string;
}

export interface StaticKey {
  readonly key: KeyObject | Uint8Array;
  readonly kid?: string;
  /** @default any that the issuer has */
  readonly algorithm?: string;
}

/** Between two requests for the keys, whatever tokens come. */
const COOLDOWN_MS = 30_000;
const TIMEOUT_MS = 5000;
/** A key that the issuer has withdrawn is believed for so long. */
const MAX_AGE_MS = 600_000;

/** Keys of the configuration. A token that names one is held against that one. */
export function staticKeys(keys: readonly StaticKey[]): IssuerKeys {
  const find: IssuerKeys['find'] = ({ kid, alg }) => {
    const usable = keys.filter(({ algorithm }) => algorithm === undefined || algorithm === alg);
    const named = usable.filter((one) => kid !== undefined && one.kid === kid);
    const chosen = named.length > 0 ? named : usable.filter((one) => one.kid === undefined || kid === undefined);
    return chosen.map(({ key }) => key);
  };
  return { find, until: () => Number.POSITIVE_INFINITY };
}

/** Keys that the issuer publishes at an address of the configuration. `now`: wall clock, milliseconds. */
export function jwksKeys(url: URL, now: () => number): IssuerKeys {
  const cache: JWKSCacheInput = {};
  const fetched = createRemoteJWKSet(url, {
    ...{ cooldownDuration: COOLDOWN_MS, timeoutDuration: TIMEOUT_MS, [jwksCache]: cache },
    // Their age is counted here: by our clock, and the same for what they have signed.
    cacheMaxAge: Number.POSITIVE_INFINITY,
  });
  let known: unknown;
  let until = Number.NEGATIVE_INFINITY;
  /** An answer that was no set of keys has replaced none, and makes none younger. */
  const note = (asked: number): void => {
    if (cache.jwks === known) return;
    known = cache.jwks;
    until = asked + MAX_AGE_MS;
  };
  const key: JWTVerifyGetKey = async (header, token) => {
    const asked = now();
    if (until <= asked) await fetched.reload();
    try {
      return await fetched(header, token);
    } finally {
      note(asked);
    }
  };
  return { find: () => [key], until: () => until };
}

/** Could the keys not be had? Then it is no fault of the token. */
export function isKeyFault(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return false;
  return !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC';
}
