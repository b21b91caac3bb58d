import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonErrorPosition } from '../../src/http/json-position.ts';

describe('jsonErrorPosition', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['{"a":}', 5],
    ['{a}', 1],
    ['[1,]', 3],
    ['[1 2]', 3],
    ['{"a":1,}', 7],
    ['{"a" 1}', 5],
    ['nul', 3],
    ['nulL', 3],
    ['"abc', 4],
    ['"a\nb"', 2],
    ['"a\\x"', 2],
    ['{"a":1}x', 7],
    ['[1}', 2],
    ['01', 1],
    ['-', 0],
    ['1.', 1],
    ['\uFEFF{}', 0],
    [']', 0],
  ])('of %j is %i', (text, position) => {
    expect(jsonErrorPosition(text)).toBe(position);
  });

  it('is the end for exactly the texts that JSON.parse accepts or that end too early', () => {
    const almostJson = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', ',', '"', '}', ']', '\\', '\u0000', '0', 'e', ' '),
        fc.nat({ max: 2 }),
      )
      .map(
        ([json, at, insert, drop]) =>
          json.slice(0, at % (json.length + 1)) + insert + json.slice((at % (json.length + 1)) + drop),
      );
    fc.assert(
      fc.property(fc.oneof(almostJson, fc.json(), fc.string()), (text) => {
        const position = jsonErrorPosition(text);

        expect(position).toBeLessThanOrEqual(text.length);
        if (accepts(text)) expect(position).toBe(text.length);
        if (position < text.length) expect(accepts(text)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a text of a megabyte', () => {
    expect(jsonErrorPosition(`"${'\\n'.repeat(500_000)}`)).toBe(1_000_001);
    expect(jsonErrorPosition(`"${'é'.repeat(1_000_000)}`)).toBe(1_000_001);
    expect(jsonErrorPosition('['.repeat(1_000_000))).toBe(1_000_000);
  });
});

function accepts(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
