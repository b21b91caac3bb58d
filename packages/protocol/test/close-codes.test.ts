/** The close-code table [PROTOCOL §8] and its page in the docs. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  CLOSE_CODES,
  type CloseCode,
  type CloseName,
  closeCode,
  RFC_CLOSE_CODES,
  shouldReconnect,
} from '../src/index.ts';

const PAGE = readFileSync(new URL('../../../docs/reference/close-codes.md', import.meta.url), 'utf8');
const entries = Object.entries(CLOSE_CODES) as [CloseName, CloseCode][];

describe('every close code', () => {
  it.each(entries)(
    '%s has its own name, a range that says whether to reconnect, and a reason that fits a close frame',
    (name, entry) => {
      expect(entry.name).toBe(name);
      expect(entry).toBe(closeCode(name));
      expect(entry.code).toBeGreaterThanOrEqual(3000);
      expect(entry.code).toBeLessThan(4000);
      expect(entry.reconnect).toBe(entry.code < 3500);
      expect(shouldReconnect(entry.code)).toBe(entry.reconnect);
      expect(new TextEncoder().encode(entry.reason).length).toBeLessThanOrEqual(123);
      expect(entry.reason).toMatch(/^[\x20-\x7e]+$/);
    },
  );

  it('is used once', () => {
    expect(new Set(entries.map(([, { code }]) => code)).size).toBe(entries.length);
  });
});

describe('shouldReconnect', () => {
  it.each([
    [3000, true],
    [3499, true],
    [3500, false],
    [3999, false],
    [4000, true],
    [4499, true],
    [4500, false],
    [4999, false],
    [1000, false],
    [1001, true],
    [1002, false],
    [1005, true],
    [1006, true],
    [1008, false],
    [1009, false],
    [1011, true],
    [1012, true],
    [1013, true],
    [0, true],
    [1004, true],
    [2999, true],
    [5000, true],
    [Number.NaN, true],
  ])('of %d is %s', (code, reconnect) => {
    expect(shouldReconnect(code)).toBe(reconnect);
  });

  it('tells a close frame without a code (1005) from a wire without a close frame (1006)', () => {
    expect(RFC_CLOSE_CODES[1005]?.meaning).toMatch(/without a code/);
    expect(RFC_CLOSE_CODES[1006]?.meaning).toMatch(/no close frame/);
  });
});

describe('docs/reference/close-codes.md', () => {
  it('lists exactly the codes of the table, with name, verdict and reason', () => {
    const rows = [...PAGE.matchAll(/^\| (3\d{3}) \| `(\w+)` \| (yes|no) \| (.+?) \|/gm)].map(
      ([, code, name, yes, reason]) => [code, name, yes, reason],
    );

    expect(rows).toEqual(
      entries.map(([name, { code, reconnect, reason }]) => [String(code), name, reconnect ? 'yes' : 'no', reason]),
    );
  });

  it('lists exactly the codes of RFC 6455, with their meaning', () => {
    const rows = [...PAGE.matchAll(/^\| (1\d{3}) \| (.+) \| (yes|no) \|$/gm)].map(([, code, meaning, yes]) => [
      code,
      meaning,
      yes,
    ]);

    expect(rows).toEqual(
      Object.entries(RFC_CLOSE_CODES).map(([code, { meaning, reconnect }]) => [
        code,
        meaning,
        reconnect ? 'yes' : 'no',
      ]),
    );
  });
});
