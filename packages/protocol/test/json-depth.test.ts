/** Depth of JSON, told before it is parsed [PROTOCOL §10]. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonDepthWithin } from '../src/index.ts';
import { json } from './arbitraries.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('the depth of a JSON text', () => {
  it('is that of the value it holds, in any layout', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const depth = depthOf(value);

        expect(jsonDepthWithin(text, depth)).toBe(true);
        expect(jsonDepthWithin(text, depth - 1)).toBe(depth === 0);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['"[[[["', 0, true],
    ['["\\"[[[["]', 1, true],
    ['["\\\\",[]]', 1, false],
    ['["\\\\",[]]', 2, true],
    ['[1,[2],{"a":[3]}]', 2, false],
    ['{"[":"{"}', 1, true],
    ['"unfinished [', 0, true],
    ['"\\', 0, true],
    ['', 0, true],
  ])('of %s within %d: %s', (text, max, within) => {
    expect(jsonDepthWithin(text, max)).toBe(within);
  });

  it('is told of a hostile text without recursion', () => {
    expect(jsonDepthWithin('['.repeat(5_000_000), 32)).toBe(false);
    expect(jsonDepthWithin(`${'[],'.repeat(500_000)}[]`, 32)).toBe(true);
  });

  it('never throws, and lets nothing through that parses deeper', () => {
    const soup = fc
      .array(fc.constantFrom('[', ']', '{', '}', '"', '\\', ':', ',', '1', ' ', '"a":'), { maxLength: 30 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(soup, (text) => {
        const within = jsonDepthWithin(text, 2);
        let value: unknown;
        try {
          value = JSON.parse(text);
        } catch {
          return;
        }
        expect(within).toBe(depthOf(value) <= 2);
      }),
      { numRuns: 5000 },
    );
  });
});
