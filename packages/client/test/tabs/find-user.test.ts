import { describe, expect, it } from 'vitest';
import { userOf } from '../../src/tabs/find-user.ts';

const jwt = (claims: unknown): string => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

describe('the user of a token', () => {
  it('is the subject of a JWT, whatever else it says', () => {
    expect(userOf(jwt({ sub: 'anna', exp: 1 }))).toBe(userOf(jwt({ exp: 2, sub: 'anna', note: 'ø~?>' })));
    expect(userOf(jwt({ sub: 'anna' }))).not.toBe(userOf(jwt({ sub: 'bob' })));
  });

  it('is nobody without a token', () => {
    expect(userOf(undefined)).toBe('');
    expect(userOf('')).toBe('');
  });

  it('is the token where it is no JWT, and does not show it', () => {
    const [one, other] = [userOf('secret-1'), userOf('secret-2')];
    expect(one).not.toBe(other);
    expect(one).toBe(userOf('secret-1'));
    expect(one).not.toContain('secret');
    expect(userOf(jwt({ aud: 'x' }))).not.toBe(userOf(jwt({ aud: 'y' })));
  });

  it('is never another user’s by how a subject is written', () => {
    expect(userOf(jwt({ sub: 'hash 1 2' }))).not.toBe(userOf('x'));
    expect(new Set(Array.from({ length: 5000 }, (_, index) => userOf(`token-${index}`))).size).toBe(5000);
  });
});
