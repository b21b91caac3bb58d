/** The error catalogue [PROTOCOL §9] and its page in the docs. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeError, ERRORS, type ErrorCode, type ErrorEntry, isErrorCode } from '../src/index.ts';

const PAGE = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8');

const entries = Object.entries(ERRORS) as [ErrorCode, ErrorEntry][];

/** One row of the page per code. */
const row = ([code, { status, retry, fix }]: readonly [ErrorCode, ErrorEntry]): string =>
  `| \`${code}\` | ${status} | ${retry ? 'yes' : 'no'} | ${describeError(code, 'en')} | ${fix} |`;

describe('docs/reference/errors.md', () => {
  it.each(entries)('says of %s what the catalogue says', (code, entry) => {
    expect(PAGE.split('\n')).toContain(row([code, entry]));
  });

  it('has no row for a code that does not exist, and none twice', () => {
    const documented = [...PAGE.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);

    expect(documented.toSorted()).toEqual(Object.keys(ERRORS).toSorted());
  });
});

describe('every entry', () => {
  it.each(entries)('%s has a code, an error status, sentences in both languages and a fix', (code, entry) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    for (const language of ['en', 'vi'] as const) {
      const message = describeError(code, language);
      expect(message).toMatch(/^\p{Lu}.*\.$/u);
      expect(message).not.toMatch(/[{}[\]]/);
    }
    expect(entry.vi).toMatch(/[^\p{ASCII}]/u);
    expect(entry.fix).toMatch(/^[A-Z]/);
  });

  it.each(entries)('%s is filled completely when every detail is given', (code, entry) => {
    const names = [...(entry.en + entry.vi).matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
    const details = Object.fromEntries(names.map((name) => [name, `<${name}>`]));

    for (const language of ['en', 'vi'] as const) {
      const message = describeError(code, language, details);
      expect(message).not.toMatch(/[{}[\]]/);
      for (const [, name] of entry[language].matchAll(/\{(\w+)\}/g)) expect(message).toContain(`<${name}>`);
    }
  });

  it('that may be retried is about time, load or the server, never about what was sent', () => {
    const retryable = entries.filter(([, { retry }]) => retry).map(([, { status }]) => status);

    expect([...new Set(retryable)].toSorted()).toEqual([408, 429, 503]);
    expect(entries.filter(([, { status }]) => [408, 429, 503].includes(status)).every(([, { retry }]) => retry)).toBe(
      true,
    );
  });
});

describe('describeError', () => {
  it('fills what it is given and leaves the rest out', () => {
    const details = { field: 'limit', expected: '1..1000', got: 0 };

    expect(describeError('FIELD_INVALID', 'en', details)).toBe('A field is not valid: limit: expected 1..1000, got 0.');
    expect(describeError('FIELD_INVALID', 'en', { field: 'limit' })).toBe('A field is not valid.');
    // What was expected is said in English, and stands in the details.
    expect(describeError('FIELD_INVALID', 'vi', details)).toBe('Một trường không hợp lệ: limit.');
  });

  it('keeps a hostile detail on one line, short, and does not expand it again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (got) => {
        const message = describeError('FIELD_INVALID', 'en', { field: '{got}', expected: '[{field}]', got });

        expect(message).toMatch(/^A field is not valid: \{got\}: expected \[\{field\}\], got /);
        expect(message).not.toMatch(/[\p{Cc}\u2028\u2029\u202E\u200B]/u);
        expect(message.length).toBeLessThan(400);
      }),
    );
  });

  it('takes no detail from a prototype, and none that is not text or number', () => {
    expect(describeError('FIELD_MISSING', 'en', Object.create({ field: 'x' }))).toBe('A required field is missing.');
    expect(describeError('FIELD_MISSING', 'en', { field: { toString: () => 'x' } })).toBe(
      'A required field is missing.',
    );
  });
});

describe('isErrorCode', () => {
  it('knows the codes of the catalogue and nothing that objects have anyway', () => {
    expect(entries.every(([code]) => isErrorCode(code))).toBe(true);
    expect(['toString', '__proto__', '', 'constructor'].some(isErrorCode)).toBe(false);
  });
});
