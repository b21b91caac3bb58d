/** The keys that may have signed a token of one issuer. `kid` only chooses among them; it is never a path, a query or an address. */
import type { KeyObject } from 'node:crypto';
import { createRemoteJWKSet, errors } from 'jose';

/** One key to try; a function asks for it, and may have to fetch. */
export type KeyToTry = KeyObject | Uint8Array | ReturnType<typeof createRemoteJWKSet>;

/** Which keys to try, in their order. Rejects when they cannot be had. */
export type IssuerKeys = (header: KeyHint) => readonly KeyToTry[];

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
  return ({ kid, alg }) => {
    const usable = keys.filter(({ algorithm }) => algorithm === undefined || algorithm === alg);
    const named = usable.filter((one) => kid !== undefined && one.kid === kid);
    const chosen = named.length > 0 ? named : usable.filter((one) => one.kid === undefined || kid === undefined);
    return chosen.map(({ key }) => key);
  };
}

/** Keys that the issuer publishes at an address of the configuration. */
export function jwksKeys(url: URL): IssuerKeys {
  const fetched = createRemoteJWKSet(url, {
    cooldownDuration: COOLDOWN_MS,
    timeoutDuration: TIMEOUT_MS,
    cacheMaxAge: MAX_AGE_MS,
  });
  return () => [fetched];
}

/** Could the keys not be had? Then it is no fault of the token. */
export function isKeyFault(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) return false;
  return !(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC';
}
