/** A1: the algorithm of a token is chosen by the configuration of its issuer, never by the token. */
import { describe, expect, it } from 'vitest';
import { tokens } from '../../src/index.ts';
import { all, everyWay } from './every-way.ts';
import { encode, hmac, ISSUERS, KINDS, pem, rsa, SECRET, startTokens, token } from './token-fixture.ts';

describe('A1 a token of the right algorithm', () => {
  it.each(KINDS)('lets in, in every way there is: %s', async (kind) => {
    await using running = await startTokens();

    expect(await everyWay(running, token(kind))).toEqual(all('open'));
  });
});

describe('A1 a token that chooses its algorithm', () => {
  const publicPem = pem(rsa.publicKey);
  const none = (alg: string) => token('rs', { header: { alg }, signature: '' });
  const forged: [string, string][] = [
    ['alg none', none('none')],
    ['alg none, with a signature', token('rs', { header: { alg: 'none' } })],
    ['alg nOnE', none('nOnE')],
    ['an empty alg', none('')],
    ['no alg', token('rs', { header: { alg: undefined } })],
    ['alg as a number', token('rs', { header: { alg: 256 } })],
    ['alg as a list', token('rs', { header: { alg: ['RS256', 'none'] } })],
    [
      'HS256 with the public key as the secret',
      token('rs', { header: { alg: 'HS256' }, signature: (i) => hmac(i, publicPem) }),
    ],
    [
      'HS256 with the public key without its last line',
      token('rs', { header: { alg: 'HS256' }, signature: (i) => hmac(i, publicPem.trim()) }),
    ],
    [
      'HS256 with the public key in DER',
      token('rs', {
        header: { alg: 'HS256' },
        signature: (i) => hmac(i, rsa.publicKey.export({ type: 'spki', format: 'der' })),
      }),
    ],
    ['HS256 with an empty secret', token('hs', { signature: (input) => hmac(input, '') })],
    ['RS256 for an issuer of HS256', token('rs', { claims: { iss: 'https://hs.example' } })],
    ['HS256 for an issuer of RS256', token('hs', { claims: { iss: 'https://rs.example' } })],
    ['HS512 for an issuer of HS256', token('hs', { header: { alg: 'HS512' } })],
    ['PS256 for an issuer of RS256', token('rs', { header: { alg: 'PS256' } })],
    ['an ES256 signature of zeros', token('es', { signature: Buffer.alloc(64).toString('base64url') })],
    ['an ES256 signature in DER', token('es', { signature: encode(Buffer.alloc(70).toString('latin1')) })],
    ['another signature', token('ed', { signature: Buffer.alloc(64, 1).toString('base64url') })],
    ['no signature', token('ed', { signature: '' })],
    [
      'claims changed after signing',
      `${token('rs').split('.')[0]}.${encode({ sub: '7', iss: 'https://rs.example', aud: 'app', exp: 9_999_999_999 })}.${token('rs').split('.')[2]}`,
    ],
    ['an unencoded payload (b64: false)', token('hs', { header: { b64: false, crit: ['b64'] } })],
    ['an extension that must be understood', token('hs', { header: { crit: ['exp'], exp: 1 } })],
    ['a type for something else', token('hs', { header: { typ: 'logout+jwt' } })],
    ['an empty type', token('hs', { header: { typ: '' } })],
    ['a type that is no text', token('hs', { header: { typ: 7 } })],
    ['a type that is null', token('hs', { header: { typ: null } })],
    ['five parts, as an encrypted token has', `${token('hs')}.a.b`],
    ['garbage', 'not.a.token'],
  ];

  it.each(forged)('is refused, in every way there is: %s', async (_, bad) => {
    await using running = await startTokens();

    expect(await everyWay(running, bad)).toEqual(all('UNAUTHENTICATED'));
  });
});

describe('A1 an issuer', () => {
  const [hs] = ISSUERS;
  const key = pem(rsa.publicKey);
  const base = { issuer: 'https://a.example', audience: 'app' };

  it.each([
    [
      'mixes a secret with public algorithms',
      { ...base, algorithms: ['HS256', 'RS256'], secret: SECRET },
      /HS256 alone/,
    ],
    ['has a public key for HS256', { ...base, algorithms: ['HS256'], keys: [key] }, /HS256 alone with secret/],
    ['has a secret for RS256', { ...base, algorithms: ['RS256'], secret: SECRET }, /HS256 alone with secret/],
    ['allows none', { ...base, algorithms: ['none'], secret: SECRET }, /a list of HS256, RS256, ES256, EdDSA/],
    ['has a short secret', { ...base, algorithms: ['HS256'], secret: 'short' }, /at least 32 bytes\.$/],
    ['has a key of another kind', { ...base, algorithms: ['ES256'], keys: [key] }, /keys for ES256/],
    ['has a key that is none', { ...base, algorithms: ['RS256'], keys: ['nope'] }, /public keys in PEM or JWK/],
    ['has no audience', { ...base, audience: [], algorithms: ['RS256'], keys: [key] }, /audience/],
    ['has no key', { ...base, algorithms: ['RS256'] }, /exactly one of secret, keys and jwks/],
    [
      'fetches its keys in the clear',
      { ...base, algorithms: ['RS256'], jwks: 'http://a.example/keys' },
      /an https URL/,
    ],
    ['is there twice', hs, /two have the same issuer/],
  ])('that %s is refused at the start', (_, options, message) => {
    // As JavaScript would pass it.
    expect(() => tokens({ issuers: [...ISSUERS, Object(options)] })).toThrow(message);
  });
});
