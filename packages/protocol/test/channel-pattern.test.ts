/** Patterns and the choice between them [PROTOCOL §2.5]. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChannelMatcher, compilePattern } from '../src/index.ts';
import { literalSegment } from './arbitraries.ts';

describe('a pattern', () => {
  it('captures exactly one segment', () => {
    const pattern = compilePattern('court:{pin}');

    expect(pattern.match('court:1234')).toEqual({ pin: '1234' });
    expect(['court', 'court:', 'court:1:2', 'xcourt:1', 'court:1\n', 'Court:1'].map(pattern.match)).toEqual(
      Array(6).fill(undefined),
    );
  });

  it('captures names that objects already have without touching their prototype', () => {
    const params = compilePattern('a:{constructor}:{toString}').match('a:b:c');

    expect(params).toEqual({ constructor: 'b', toString: 'c' });
  });

  it('does not match a name over 128 characters', () => {
    expect(compilePattern('a:{b}').match(`a:${'x'.repeat(126)}`)).toEqual({ b: 'x'.repeat(126) });
    expect(compilePattern('a:{b}').match(`a:${'x'.repeat(127)}`)).toBeUndefined();
  });

  it.each([
    '',
    ':',
    'a:',
    'a::b',
    '{}',
    'a:{1b}',
    'a:{b',
    'a:b}',
    'a{b}',
    '{a}{b}',
    'a:{b}:{b}',
    'a *',
    'a:*',
    `${'a:'.repeat(200)}a`,
  ])('refuses the pattern %j by throwing', (pattern) => {
    expect(() => compilePattern(pattern)).toThrow(TypeError);
  });

  it.each([{}, { pin: '' }, { pin: 'a:b' }, { pin: 'a b' }, { pin: 'x'.repeat(127) }])(
    'refuses to render %j',
    (params) => {
      expect(() => compilePattern('court:{pin}').render(params)).toThrow(TypeError);
    },
  );

  it('does not render a parameter that only the prototype has', () => {
    expect(() => compilePattern('a:{constructor}').render({})).toThrow(TypeError);
  });

  it('matches what it renders, with the same parameters', () => {
    const shape = fc.array(
      fc.oneof(
        literalSegment,
        literalSegment.map((value) => ({ value })),
      ),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(shape, (segments) => {
        const text = segments
          .map((segment, index) => (typeof segment === 'string' ? segment : `{p${index}}`))
          .join(':');
        const pairs = segments.flatMap((segment, index) =>
          typeof segment === 'string' ? [] : [[`p${index}`, segment.value]],
        );
        const params: Record<string, string> = Object.fromEntries(pairs);
        const pattern = compilePattern(text);

        expect(pattern.match(pattern.render(params))).toEqual(params);
      }),
    );
  });
});

describe('the matcher', () => {
  it('prefers a literal to a capture, from the left', () => {
    const matcher = new ChannelMatcher([
      ['{a}:{b}', 1],
      ['court:{pin}', 2],
      ['{a}:main', 3],
      ['court:main', 4],
      ['court', 5],
    ]);

    expect(matcher.find('court:main')).toEqual({ value: 4, pattern: 'court:main', params: {} });
    expect(matcher.find('court:7')).toEqual({ value: 2, pattern: 'court:{pin}', params: { pin: '7' } });
    expect(matcher.find('x:main')).toEqual({ value: 3, pattern: '{a}:main', params: { a: 'x' } });
    expect(matcher.find('x:y')?.value).toBe(1);
    expect(matcher.find('court')?.value).toBe(5);
    expect(matcher.find('court:7:8')).toBeUndefined();
  });

  it('goes back to a capture when the literal leads nowhere', () => {
    const matcher = new ChannelMatcher([
      ['a:b:c', 1],
      ['a:{x}:d', 2],
      ['{x}:b:e', 3],
    ]);

    expect(matcher.find('a:b:d')?.value).toBe(2);
    expect(matcher.find('a:b:e')?.value).toBe(3);
  });

  it.each(['', 'a b', 'court:', 'court:a\n', '__proto__', 'court:..'])('finds nothing for %j', (name) => {
    expect(new ChannelMatcher([['court:{pin}', 1]]).find(name)).toBeUndefined();
  });

  it.each([
    ['court:{pin}', 'court:{id}'],
    ['a', 'a'],
    ['{x}:b', '{y}:b'],
  ])('refuses %s beside %s', (first, second) => {
    const build = () =>
      new ChannelMatcher([
        [first, 1],
        [second, 2],
      ]);

    expect(build).toThrow(/match the same names/);
  });

  it('agrees with trying every pattern in order of specificity', () => {
    const segment = fc.constantFrom('a', 'b', '{x}');
    const pattern = fc
      .array(segment, { minLength: 1, maxLength: 4 })
      .map((s) => s.map((part, i) => part.replace('x', `x${i}`)).join(':'));
    const name = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }).map((s) => s.join(':'));
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 20 }), name, (patterns, channel) => {
        const rank = (text: string) =>
          text
            .split(':')
            .map((part) => (part.startsWith('{') ? 1 : 0))
            .join('');
        const best = patterns
          .filter((text) => compilePattern(text).match(channel))
          .sort((l, r) => rank(l).localeCompare(rank(r)))[0];

        expect(new ChannelMatcher(patterns.map((text) => [text, text])).find(channel)?.value).toBe(best);
      }),
      { numRuns: 500 },
    );
  });

  it('stays cheap on a name built to make it search', () => {
    const patterns: [string, number][] = Array.from({ length: 30 }, (_, depth) => [
      [...Array(depth).fill('a'), '{x}', ...Array(30 - depth).fill('a'), 'end'].join(':'),
      depth,
    ]);
    const matcher = new ChannelMatcher(patterns);
    const before = performance.now();

    for (let round = 0; round < 1000; round += 1) matcher.find(Array(32).fill('a').join(':'));

    expect(performance.now() - before).toBeLessThan(1000);
  });
});
