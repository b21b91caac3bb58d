/** Session tokens: the claims table. Every way in which a token can be wrong is refused, silently and alike. */
import { randomBytes } from 'node:crypto';
import { type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { SessionTokens } from '../server/session-tokens.ts';

const secret = randomBytes(32);
const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;

function tokensAt(clock: { now: number }, lifetimeMs = HOUR_MS): SessionTokens {
  return new SessionTokens({ secret, now: () => clock.now, lifetimeMs });
}

const GOOD = {
  iss: 'fanfare',
  aud: 'fanfare-accounts',
  sub: '7',
  jti: 'one',
  iat: START / 1000,
  exp: START / 1000 + 60,
};

function signed(claims: JWTPayload, { key = secret, alg = 'HS256', header = {} } = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, typ: 'JWT', ...header }).sign(key);
}

function without(claim: keyof typeof GOOD): JWTPayload {
  return Object.fromEntries(Object.entries(GOOD).filter(([name]) => name !== claim));
}

describe('SessionTokens', () => {
  it('gives back who a token was issued to, until it expires', async () => {
    const clock = { now: START };
    const tokens = tokensAt(clock);

    const token = await tokens.issue(42);

    expect(await tokens.verify(token)).toMatchObject({ userId: 42, expiresAt: (START + HOUR_MS) / 1000 });
    clock.now = START + HOUR_MS - 1000;
    expect(await tokens.verify(token)).toMatchObject({ userId: 42 });
    clock.now = START + HOUR_MS;
    expect(await tokens.verify(token), 'a cached verification ends with its token').toBeUndefined();
  });

  it('gives every token an id of its own', async () => {
    const tokens = tokensAt({ now: START });

    const claims = await Promise.all([tokens.verify(await tokens.issue(1)), tokens.verify(await tokens.issue(1))]);

    expect(new Set(claims.map((claim) => claim?.id)).size).toBe(2);
  });

  it('accepts the token of the table that follows, so that each refusal has one reason', async () => {
    expect(await tokensAt({ now: START }).verify(await signed(GOOD))).toEqual({
      id: 'one',
      userId: 7,
      issuedAt: GOOD.iat,
      expiresAt: GOOD.exp,
    });
  });

  const refused: Readonly<Record<string, () => Promise<string> | string>> = {
    'algorithm none': () => new UnsecuredJWT(GOOD).encode(),
    'algorithm none with a signature': async () => {
      const [, payload, signature] = (await signed(GOOD)).split('.');
      return `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.${signature}`;
    },
    'another algorithm with the right key': () => signed(GOOD, { alg: 'HS512', key: secret }),
    'another key': () => signed(GOOD, { key: randomBytes(32) }),
    'a key named in the header': () => signed(GOOD, { key: randomBytes(32), header: { kid: '../../dev/null' } }),
    'a key carried in the header': () => {
      const key = randomBytes(32);
      return signed(GOOD, { key, header: { jwk: { kty: 'oct', k: key.toString('base64url') } } });
    },
    'a critical header that we do not know': async () => {
      const header = Buffer.from('{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":true}').toString('base64url');
      return [header, ...(await signed(GOOD)).split('.').slice(1)].join('.');
    },
    'another type of token': () => signed(GOOD, { header: { typ: 'at+jwt' } }),
    'another issuer': () => signed({ ...GOOD, iss: 'fanfare.example' }),
    'another audience': () => signed({ ...GOOD, aud: 'someone-else' }),
    expired: () => signed({ ...GOOD, exp: START / 1000 }),
    'not valid yet': () => signed({ ...GOOD, nbf: START / 1000 + 60 }),
    'no issuer': () => signed(without('iss')),
    'no audience': () => signed(without('aud')),
    'no expiry': () => signed(without('exp')),
    'no subject': () => signed(without('sub')),
    'no id': () => signed(without('jti')),
    'no time of issue': () => signed(without('iat')),
    'a subject that is no user id': () => signed({ ...GOOD, sub: 'admin' }),
    'a changed payload': async () => {
      const [header, , signature] = (await signed(GOOD)).split('.');
      return `${header}.${Buffer.from(JSON.stringify({ ...GOOD, sub: '1' })).toString('base64url')}.${signature}`;
    },
    'a cut signature': async () => (await signed(GOOD)).slice(0, -2),
    'nothing at all': () => '',
    'no token': () => 'hello',
    'a megabyte': () => 'a.'.repeat(500_000),
  };

  it.each(Object.entries(refused))('refuses %s', async (_, make) => {
    expect(await tokensAt({ now: START }).verify(await make())).toBeUndefined();
  });

  it('verifies a token once, however often it comes', async () => {
    const tokens = tokensAt({ now: START });
    const token = await tokens.issue(1);
    const first = await tokens.verify(token);

    // The same object: what was checked once is not checked again.
    expect(await tokens.verify(token)).toBe(first);
  });

  it('refuses a secret that is too short to sign with', () => {
    expect(() => new SessionTokens({ secret: randomBytes(16), now: () => START })).toThrow(/32 bytes/);
  });
});
