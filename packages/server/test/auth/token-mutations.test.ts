/** Ten thousand tokens that were changed in any place: none is taken, and none makes the verifier throw or take long. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenVerifier } from '../../src/auth/tokens/token-verifier.ts';
import { claims, encode, ISSUERS, KINDS, SECRET, token } from './token-fixture.ts';

const RUNS = { numRuns: 10_000 };
const verifier = new TokenVerifier({ issuers: ISSUERS });

/** How a text may be changed: a character replaced, taken away, put in, or a piece of it doubled. */
const change = fc.record({
  at: fc.double({ min: 0, max: 0.999999, noNaN: true }),
  how: fc.constantFrom('replace', 'remove', 'insert', 'double'),
  with: fc.oneof(fc.constantFrom('.', '=', '_', '-', 'A', '\0', 'é', ' '), fc.string({ maxLength: 3 })),
});

function changed(text: string, changes: readonly { at: number; how: string; with: string }[]): string {
  let result = text;
  for (const { at, how, with: piece } of changes) {
    const index = Math.floor(at * result.length);
    const [before, after] = [result.slice(0, index), result.slice(index)];
    if (how === 'replace') result = before + piece + after.slice(1);
    else if (how === 'remove') result = before + after.slice(1);
    else if (how === 'insert') result = before + piece + after;
    else result = before + after.slice(0, 8) + after;
  }
  return result;
}

/** The same bytes in other letters: the last character of base64url has bits that say nothing. */
function isSameToken(one: string, other: string): boolean {
  const bytes = (text: string): string =>
    text
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.');
  return bytes(one) === bytes(other);
}

describe('a token that was changed', () => {
  const good = KINDS.map((kind) => token(kind));

  it('is refused, wherever it was changed', async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...good),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      async (whole, changes) => {
        const text = changed(whole, changes);
        fc.pre(!good.some((one) => isSameToken(one, text)));
        expect((await verifier.verify(text)).kind).toBe('refused');
      },
    );
    await fc.assert(property, RUNS);
  });

  it('is read for what it says where it is signed, whatever that is', async () => {
    const odd = fc.record(
      {
        iss: fc.oneof(fc.constant('https://hs.example'), fc.jsonValue()),
        aud: fc.oneof(fc.constant('app'), fc.jsonValue()),
        sub: fc.jsonValue(),
        exp: fc.jsonValue(),
        iat: fc.jsonValue(),
        nbf: fc.jsonValue(),
        jti: fc.jsonValue(),
        roles: fc.jsonValue(),
        fanfare: fc.jsonValue(),
        name: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const property = fc.asyncProperty(odd, fc.oneof(fc.constant('HS256'), fc.jsonValue()), async (over, alg) => {
      const input = `${encode({ alg, typ: 'JWT' })}.${encode(claims('hs', over))}`;
      const text = `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
      const verdict = await verifier.verify(text);
      if (verdict.kind === 'refused') return;
      // What is taken is in order.
      const { subject, roles, expiresAt = 0, tokenId } = verdict.identity;
      expect([alg, typeof subject, subject === '', roles.every((role) => typeof role === 'string')]).toEqual([
        'HS256',
        'string',
        false,
        true,
      ]);
      expect(expiresAt).toBeGreaterThan(Date.now() - 10_000);
      expect(['string', 'undefined']).toContain(typeof tokenId);
    });
    await fc.assert(property, RUNS);
  });
});
