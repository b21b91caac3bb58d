/** A3: `kid` chooses among the keys of the configuration. It is no path, no query, no address, and no way to another issuer. */
import { describe, expect, it } from 'vitest';
import { all, everyWay } from './every-way.ts';
import { ec, hmac, rsa, SECRET, startTokens, token } from './token-fixture.ts';

const OTHER = 'another secret of the tests, also long enough for it';
const issuers = [
  { issuer: 'https://hs.example', audience: 'app', algorithms: ['HS256'], secret: [SECRET, OTHER] },
  {
    issuer: 'https://rs.example',
    audience: 'app',
    algorithms: ['RS256', 'ES256'],
    keys: [
      { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'r-1' },
      { ...ec.publicKey.export({ format: 'jwk' }), kid: 'e-1' },
    ],
  },
] as const;

const TRICKS: readonly unknown[] = [
  '../../../../../../dev/null',
  '/dev/null',
  'file:///dev/null',
  'https://evil.example/key',
  "' UNION SELECT 'known' --",
  '; cat /etc/passwd',
  '__proto__',
  'constructor',
  'toString',
  '',
  ' r-1',
  'R-1',
  'r-1\u0000',
  'x'.repeat(4000),
  0,
  null,
  ['r-1'],
  { kid: 'r-1' },
];

describe('A3 a kid', () => {
  it('that is the name of the key lets in, and so does none where one key fits', async () => {
    await using running = await startTokens(issuers);

    expect(await everyWay(running, token('rs', { header: { kid: 'r-1' } }))).toEqual(all('open'));
    expect(await everyWay(running, token('rs'))).toEqual(all('open'));
  });

  it.each(TRICKS)('that is a trick does not make an empty or a guessed key count: %j', async (kid) => {
    await using running = await startTokens(issuers);
    for (const key of ['', '\0', 'known', String(kid)]) {
      const bad = token('hs', { header: { kid }, signature: (input) => hmac(input, key) });
      expect(await everyWay(running, bad)).toEqual(all('UNAUTHENTICATED'));
    }
  });

  it.each(['e-1', 'r-2', '../r-1'])('of another key does not help a token that is signed well: %s', async (kid) => {
    await using running = await startTokens(issuers);

    expect(await everyWay(running, token('rs', { header: { kid } }))).toEqual(all('UNAUTHENTICATED'));
  });

  it('may be left out while one secret follows the other', async () => {
    await using running = await startTokens(issuers);

    for (const secret of [SECRET, OTHER]) {
      const good = token('hs', { signature: (input) => hmac(input, secret) });
      expect(await everyWay(running, good)).toEqual(all('open'));
    }
  });
});
