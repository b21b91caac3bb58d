/** Tokens of every kind, right and wrong, signed by hand: no library stands between a test and what it wants to send. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type ChannelMap, type FanfareOptions, type IssuerOptions, log, tokens } from '../../src/index.ts';
import { startAll } from './wires.ts';

export type Kind = 'hs' | 'rs' | 'es' | 'ed';

export const SECRET = 'a secret of the tests, long enough for HS256';
export const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
export const ed = generateKeyPairSync('ed25519');

export const pem = (key: KeyObject): string => String(key.export({ type: 'spki', format: 'pem' }));

const ALGORITHMS = { hs: 'HS256', rs: 'RS256', es: 'ES256', ed: 'EdDSA' } as const;
export const KINDS: readonly Kind[] = ['hs', 'rs', 'es', 'ed'];

/** One issuer per kind: `https://hs.example`, and so on, for the audience `app`. */
export const ISSUERS: readonly IssuerOptions[] = [
  { issuer: 'https://hs.example', audience: 'app', algorithms: ['HS256'], secret: SECRET },
  { issuer: 'https://rs.example', audience: 'app', algorithms: ['RS256'], keys: [pem(rsa.publicKey)] },
  { issuer: 'https://es.example', audience: ['app', 'other'], algorithms: ['ES256'], keys: [pem(ec.publicKey)] },
  { issuer: 'https://ed.example', audience: 'app', algorithms: ['EdDSA'], keys: [pem(ed.publicKey)] },
];

export const seconds = (): number => Math.floor(Date.now() / 1000);

/** Claims that are in order; `over` changes them, and `undefined` takes one away. */
export function claims(kind: Kind, over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const now = seconds();
  return { iss: `https://${kind}.example`, aud: 'app', sub: '7', iat: now, exp: now + 600, ...over };
}

export interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** In place of the real one. */
  readonly signature?: string | ((input: string) => string);
}

/** A token of this kind, with whatever is to be wrong with it. */
export function token(kind: Kind, forgery: Forgery = {}): string {
  const header = encode({ alg: ALGORITHMS[kind], typ: 'JWT', ...forgery.header });
  const input = `${header}.${encode(claims(kind, forgery.claims))}`;
  const { signature = (text: string) => signed(kind, text) } = forgery;
  return `${input}.${typeof signature === 'string' ? signature : signature(input)}`;
}

export function encode(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

export function hmac(input: string, key: string | Buffer): string {
  return createHmac('sha256', key).update(input).digest('base64url');
}

function signed(kind: Kind, input: string): string {
  const bytes = Buffer.from(input);
  switch (kind) {
    case 'hs':
      return hmac(input, SECRET);
    case 'rs':
      return sign('RSA-SHA256', bytes, rsa.privateKey).toString('base64url');
    case 'es':
      return sign('SHA256', bytes, { key: ec.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
    case 'ed':
      return sign(null, bytes, ed.privateKey).toString('base64url');
  }
}

/** `mine:{user}` for its user, `public:{name}` for all; tokens of `issuers`, also in the cookie `session`. */
export function startTokens(
  issuers: readonly IssuerOptions[] = ISSUERS,
  settings: Omit<Partial<FanfareOptions<ChannelMap>>, 'channels' | 'authenticate'> = {},
) {
  return startAll({
    authenticate: tokens({ issuers, cookie: 'session' }),
    ...settings,
    channels: {
      'mine:{user}': log({
        access: ({ identity, params }) => {
          if (identity === undefined) return { allow: false, status: 401, code: 'UNAUTHENTICATED' };
          return identity.subject === params['user']
            ? { allow: true }
            : { allow: false, status: 403, code: 'FORBIDDEN' };
        },
      }),
    },
  });
}
