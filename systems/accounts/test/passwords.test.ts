/** Password hashes: what they hold, what they accept, and that an unknown user costs as much as a known one. */
import { describe, expect, it } from 'vitest';
import { PasswordHasher } from '../server/passwords.ts';

const CHEAP = { cost: 1024, blockSize: 8, parallelization: 1 };
const hasher = new PasswordHasher(CHEAP);

describe('PasswordHasher', () => {
  it('accepts the password it hashed and no other', async () => {
    const hash = await hasher.hash('đường về nhà');

    expect(await hasher.verify('đường về nhà', hash)).toBe(true);
    for (const wrong of ['', 'duong ve nha', 'đường về nhà ', 'Đường về nhà']) {
      expect(await hasher.verify(wrong, hash), JSON.stringify(wrong)).toBe(false);
    }
  });

  it('keeps its cost and a fresh salt in the hash, and never the password', async () => {
    const hashes = [await hasher.hash('secret'), await hasher.hash('secret')];

    expect(hashes[0]).toMatch(/^\$scrypt\$n=1024,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(new Set(hashes).size).toBe(2);
    expect(hashes.join()).not.toContain('secret');
  });

  it('still accepts a hash of another cost', async () => {
    const old = await new PasswordHasher({ cost: 512, blockSize: 8, parallelization: 2 }).hash('demo');

    expect(await hasher.verify('demo', old)).toBe(true);
    expect(await hasher.verify('Demo', old)).toBe(false);
  });

  it('takes a password typed composed or decomposed as the same', async () => {
    const hash = await hasher.hash('ế'.normalize('NFC'));

    expect(await hasher.verify('ế'.normalize('NFD'), hash)).toBe(true);
  });

  it('says no without a hash, and for a hash that is damaged', async () => {
    const hash = await hasher.hash('demo');

    expect(await hasher.verify('demo', undefined)).toBe(false);
    for (const damaged of ['', 'demo', hash.slice(0, -1), hash.replace('scrypt', 'crypt'), `${hash}x`]) {
      expect(await hasher.verify('demo', damaged), damaged).toBe(false);
    }
  });

  it('works as hard for an unknown user as for a known one', async () => {
    const slow = new PasswordHasher({ cost: 16_384, blockSize: 8, parallelization: 1 });
    const hash = await slow.hash('demo');
    const workOf = async (stored: string | undefined): Promise<number> => {
      const before = process.cpuUsage();
      await slow.verify('guess', stored);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };

    // Time of the processor and not of the clock, for the machine does other things; the least of several, taken in turns, for this process does, too.
    const known: number[] = [];
    const unknown: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      known.push(await workOf(hash));
      unknown.push(await workOf(undefined));
    }
    const ratio = Math.min(...unknown) / Math.min(...known);

    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it('answers a flood of calls, a few at a time', async () => {
    const hash = await hasher.hash('demo');

    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => hasher.verify(n % 2 === 0 ? 'demo' : 'no', hash)),
    );

    expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => n % 2 === 0));
  });
});
