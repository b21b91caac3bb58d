import { describe, expect, it } from 'vitest';
import { forWire } from '../../src/transports/wire-chunks.ts';

const small = (text: string): Buffer => Buffer.from(text);
const large = Buffer.alloc(64 * 1024, 'x');

describe('the chunks of a turn', () => {
  it('leave in one write where all are small', () => {
    expect(forWire([small('a'), small('b'), small('c')]).map(String)).toEqual(['abc']);
  });

  it('are not copied where they are large: everybody writes the same bytes', () => {
    const chunks = forWire([small('head'), small('first'), large, small('end')]);

    expect(chunks.map((chunk) => chunk.length)).toEqual([9, large.length, 3]);
    expect(chunks[1]).toBe(large);
  });

  it('are joined once for a crowd that is owed the same, and anew for whoever is owed something else', () => {
    const [a, b, c] = [small('a'), small('b'), small('c')];

    const [first] = forWire([a, b]);

    expect(forWire([a, b])[0]).toBe(first);
    expect(forWire([a, c]).map(String)).toEqual(['ac']);
    expect(forWire([a, b, c]).map(String)).toEqual(['abc']);
    expect(forWire([a, b]).map(String)).toEqual(['ab']);
  });

  it('stay what they are where there is one', () => {
    expect(forWire([large])[0]).toBe(large);
    expect(forWire([])).toEqual([Buffer.alloc(0)]);
  });
});
