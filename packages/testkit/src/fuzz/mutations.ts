/** Ten thousand broken versions of something good: fast-check makes them, and a failure names the seed that makes them again. */
import fc from 'fast-check';

export const CASES = 10_000;

export interface Cases<T> {
  readonly seed: number;
  readonly values: readonly T[];
}

/** The seed of the run that is to be repeated: `FANFARE_FUZZ_SEED`; undefined: each run has one of its own. */
export function givenSeed(): number | undefined {
  const given = Number(process.env['FANFARE_FUZZ_SEED'] ?? '');
  return Number.isInteger(given) && given !== 0 ? given : undefined;
}

/** What they are is told by the seed alone: `FANFARE_FUZZ_SEED` repeats a run. */
export function cases<T>(arbitrary: fc.Arbitrary<T>, numRuns: number = CASES): Cases<T> {
  const seed = givenSeed() ?? Math.floor(Math.random() * 2 ** 31);
  return { seed, values: fc.sample(arbitrary, { numRuns, seed }) };
}

/** What tends to break parsers: line ends, NUL, marks that are not seen, half a surrogate pair, other scripts, long and deep things. */
const NASTY: fc.Arbitrary<string> = fc.constantFrom(
  ...[
    '\r',
    '\n',
    '\r\n\r\n',
    '\u0000',
    '\uFEFF',
    '\u2028',
    '\u2029',
    '\uD800',
    '%00',
    '%',
    '%zz',
    '%C3%28',
    '../',
    '*',
  ],
  ...['>', '#', '?', '&', ';', '__proto__', 'constructor', '{{', '[[[[[[', '"', '\\', '1e999', '-0', 'null', 'ä', '🙂'],
  ...['x'.repeat(200), '9'.repeat(40), '~1', '@', ':', '::', '=', ' '],
);

/** A text with up to four pieces put in, cut out or doubled. */
export function mutatedText(good: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const edit = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    kind: fc.constantFrom('insert', 'cut', 'double', 'replace'),
    piece: fc.oneof(NASTY, fc.string({ maxLength: 8 })),
    length: fc.nat({ max: 12 }),
  });
  return fc.tuple(good, fc.array(edit, { minLength: 1, maxLength: 4 })).map(([text, edits]) =>
    edits.reduce((now, { at, kind, piece, length }) => {
      const from = Math.floor(at * now.length);
      const [head, middle, tail] = [now.slice(0, from), now.slice(from, from + length), now.slice(from + length)];
      if (kind === 'insert') return head + piece + middle + tail;
      if (kind === 'cut') return head + tail;
      return kind === 'double' ? head + middle + middle + tail : head + piece + tail;
    }, text),
  );
}

/** Bytes with up to four of them changed, or the end cut off. */
export function mutatedBytes(good: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> {
  const edits = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 4,
  });
  const cut = fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.double({ min: 0, max: 1, noNaN: true }));
  return fc.tuple(good, edits, cut).map(([bytes, changes, kept]) => {
    const copy = Buffer.from(bytes.subarray(0, Math.ceil(bytes.length * kept)));
    for (const [at, byte] of changes) if (copy.length > 0) copy[Math.floor(at * copy.length)] = byte;
    return copy;
  });
}
