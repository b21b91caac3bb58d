/** Makes a token: for `fanfare token`, for tests and for backends that have nothing else to make one with. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { TokenAlgorithm } from './issuer.ts';

export interface SignTokenOptions {
  readonly claims: JWTPayload;
  /** The secret of HS256, or a private key in PEM. */
  readonly key: string | Uint8Array;
  /** @default by the kind of the key; HS256 for what is no PEM */
  readonly algorithm?: TokenAlgorithm;
  readonly kid?: string;
}

/** Throws a TypeError for a key that cannot sign with the algorithm. */
export async function signToken({ claims, key, algorithm, kid }: SignTokenOptions): Promise<string> {
  const isPem = typeof key === 'string' && key.includes('-----BEGIN');
  const signing = isPem ? privateKey(key) : typeof key === 'string' ? new TextEncoder().encode(key) : key;
  const alg = algorithm ?? (signing instanceof Uint8Array ? 'HS256' : algorithmOf(signing));
  return new SignJWT(claims)
    .setProtectedHeader({ alg, typ: 'JWT', ...(kid === undefined ? {} : { kid }) })
    .sign(signing);
}

function privateKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // What was wrong may show parts of it.
    throw new TypeError('The key file holds no private key in PEM.');
  }
}

function algorithmOf({ asymmetricKeyType }: KeyObject): TokenAlgorithm {
  const found = asymmetricKeyType === 'rsa' ? 'RS256' : asymmetricKeyType === 'ec' ? 'ES256' : 'EdDSA';
  return found;
}
