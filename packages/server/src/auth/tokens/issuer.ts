/** Whose tokens are believed: one issuer, its algorithms and its keys. Checked once; nothing of it can be changed by a token. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { describeValue } from '@fanfare/protocol';
import { type IssuerKeys, jwksKeys, type StaticKey, staticKeys } from './issuer-keys.ts';

/** Signatures that are verified; `none` is not among them. */
export type TokenAlgorithm = 'HS256' | 'RS256' | 'ES256' | 'EdDSA';

/** Whose tokens are believed, and which of them. */
export interface IssuerOptions {
  /** `iss`, exactly. */
  readonly issuer: string;
  /** `aud` must have one of these. */
  readonly audience: string | readonly string[];
  /** The only ones that count; either HS256 with `secret`, or others with `keys` or `jwks`. */
  readonly algorithms: readonly TokenAlgorithm[];
  /** For HS256, at least 32 bytes. Several, while one follows the other. */
  readonly secret?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Public keys: PEM, or JWK, which may have a `kid`. */
  readonly keys?: readonly (string | JsonWebKey)[];
  /** Where the issuer publishes its keys; https, or http on this machine. Asked when the first token comes, and kept. */
  readonly jwks?: string;
  /** By how much its clock may differ from ours. @default 5000 */
  readonly clockToleranceMs?: number;
  /** `typ` must be one of these, or absent where '' is among them. @default 'JWT', 'at+jwt', or absent */
  readonly types?: readonly string[];
  /** Names of the claims for roles, name and grants. @default 'roles', 'name', 'fanfare' */
  readonly claims?: Partial<ClaimNames>;
  /** Put before every subject, so that those of two issuers cannot be the same: `partner-`. @default nothing */
  readonly subjectPrefix?: string;
}

/** In which claims of a token to look. */
export interface ClaimNames {
  readonly roles: string;
  readonly name: string;
  readonly grants: string;
}

export interface Issuer {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly algorithms: readonly TokenAlgorithm[];
  readonly keys: IssuerKeys;
  readonly clockToleranceMs: number;
  /** Lower case. */
  readonly types: readonly string[];
  readonly claims: ClaimNames;
  readonly subjectPrefix: string;
}

const ALGORITHMS: readonly unknown[] = ['HS256', 'RS256', 'ES256', 'EdDSA'];
const MIN_SECRET_BYTES = 32;
const MIN_RSA_BITS = 2048;
/** Tokens for other purposes say so here: that of a logout is not for logging in. */
const TYPES: readonly string[] = ['', 'JWT', 'at+jwt', 'application/at+jwt'];
const CLAIM_NAMES: ClaimNames = { roles: 'roles', name: 'name', grants: 'fanfare' };

/** Throws a TypeError that says what is wrong; never with a key in it. `now`: wall clock, milliseconds. */
export function compileIssuer(options: IssuerOptions, now: () => number = Date.now): Issuer {
  const { issuer, algorithms, clockToleranceMs = 5000, types = TYPES, subjectPrefix = '' } = options;
  const audience = typeof options.audience === 'string' ? [options.audience] : options.audience;
  const wrong = (field: string, expected: string, got?: unknown): never => {
    const what = got === undefined ? '' : `, got ${describeValue(got)}`;
    throw new TypeError(`issuer ${describeValue(issuer)}: ${field}: expected ${expected}${what}.`);
  };
  if (!isText(issuer)) wrong('issuer', 'the iss of its tokens');
  if (!isList(audience) || !audience.every(isText))
    wrong('audience', 'the aud of its tokens, or a list of such', audience);
  if (!isList(algorithms) || !algorithms.every((one) => ALGORITHMS.includes(one))) {
    wrong('algorithms', `a list of ${ALGORITHMS.join(', ')}`, algorithms);
  }
  if (!(clockToleranceMs >= 0 && clockToleranceMs <= 300_000))
    wrong('clockToleranceMs', '0 to 300000', clockToleranceMs);
  return {
    ...{ issuer, audience, algorithms, clockToleranceMs, subjectPrefix },
    types: types.map((type) => type.toLowerCase()),
    keys: keysOf(options, { wrong, now }),
    claims: { ...CLAIM_NAMES, ...options.claims },
  };
}

type Wrong = (field: string, expected: string, got?: unknown) => never;

/** A shared secret and public keys are never alternatives: a public key used as a secret is known to everybody. */
function keysOf(
  { algorithms, secret, keys, jwks }: IssuerOptions,
  { wrong, now }: { readonly wrong: Wrong; readonly now: () => number },
): IssuerKeys {
  const given = [secret, keys, jwks].filter((source) => source !== undefined);
  if (given.length !== 1) wrong('keys', 'exactly one of secret, keys and jwks');
  const isShared = algorithms.includes('HS256');
  if (isShared !== (secret !== undefined) || (isShared && algorithms.length > 1)) {
    wrong('algorithms', 'HS256 alone with secret, or RS256, ES256, EdDSA with keys or jwks', algorithms.join(', '));
  }
  if (secret !== undefined) return staticKeys(secretsOf(secret, wrong));
  if (jwks !== undefined) return jwksKeys(jwksUrl(jwks, wrong), now);
  return staticKeys((keys ?? []).map((key) => publicKey(key, algorithms, wrong)));
}

function secretsOf(secret: NonNullable<IssuerOptions['secret']>, wrong: Wrong): readonly StaticKey[] {
  const secrets = typeof secret === 'string' || secret instanceof Uint8Array ? [secret] : secret;
  return secrets.map((one) => {
    const bytes = typeof one === 'string' ? new TextEncoder().encode(one) : one;
    if (bytes.byteLength < MIN_SECRET_BYTES) wrong('secret', `at least ${MIN_SECRET_BYTES} bytes`);
    return { key: bytes };
  });
}

function publicKey(given: string | JsonWebKey, algorithms: readonly TokenAlgorithm[], wrong: Wrong): StaticKey {
  const kid = typeof given === 'string' ? undefined : given['kid'];
  let key: KeyObject;
  try {
    key = typeof given === 'string' ? createPublicKey(given) : createPublicKey({ key: given, format: 'jwk' });
  } catch {
    return wrong('keys', 'public keys in PEM or JWK');
  }
  const fits = algorithmOf(key);
  if (fits === undefined || !algorithms.includes(fits)) {
    return wrong('keys', `keys for ${algorithms.join(', ')}: RSA of at least ${MIN_RSA_BITS} bits, P-256, Ed25519`);
  }
  return { key, algorithm: fits, ...(typeof kid === 'string' ? { kid } : {}) };
}

function algorithmOf(key: KeyObject): TokenAlgorithm | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails = {} } = key;
  if (asymmetricKeyType === 'rsa')
    return (asymmetricKeyDetails.modulusLength ?? 0) >= MIN_RSA_BITS ? 'RS256' : undefined;
  if (asymmetricKeyType === 'ec') return asymmetricKeyDetails.namedCurve === 'prime256v1' ? 'ES256' : undefined;
  return asymmetricKeyType === 'ed25519' ? 'EdDSA' : undefined;
}

/** Keys that anybody on the way can exchange are no keys. */
function jwksUrl(text: string, wrong: Wrong): URL {
  if (!URL.canParse(text)) return wrong('jwks', 'an https URL', text);
  const url = new URL(text);
  const isOurs = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isOurs) ? url : wrong('jwks', 'an https URL', text);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
