/** What a disconnection remembers of itself, for those who were being let in. */
import { describe, expect, it } from 'vitest';
import { Disconnects } from '../../src/core/disconnects.ts';

const of = (identity: string, tokenId?: string) => ({
  id: 'c1',
  identity,
  credential: { subject: identity, ...(tokenId === undefined ? {} : { tokenId }) },
});
const nobodyThere = () => new Disconnects(() => []);

describe('a disconnection', () => {
  it('reaches who began before it, as far as its target goes, and nobody who began after', () => {
    const disconnects = nobodyThere();
    const before = disconnects.mark;
    disconnects.end({ subject: '7', tokenId: 't' });
    const after = disconnects.mark;

    expect(disconnects.reached(before, of('7', 't'))).toBe('ended');
    expect(disconnects.reached(before, of('7', 'u'))).toBe('spared');
    expect(disconnects.reached(before, of('8', 't'))).toBe('spared');
    expect(disconnects.reached(after, of('7', 't'))).toBe('spared');
    expect(disconnects.reached(undefined, of('7', 't'))).toBe('spared');
  });

  it('from a channel is about that channel, and not about the connection', () => {
    const disconnects = nobodyThere();
    const before = disconnects.mark;
    disconnects.end({ channel: 'a', subject: '7' });

    expect(disconnects.reached(before, of('7'))).toBe('spared');
    expect(disconnects.reached(before, of('7'), 'b')).toBe('spared');
    expect(disconnects.reached(before, of('7'), 'a')).toBe('ended');
    expect(disconnects.reached(before, of('8'), 'a')).toBe('spared');
  });

  it('is forgotten behind thousands of later ones, and who began before it has to come again', () => {
    const disconnects = nobodyThere();
    const before = disconnects.mark;
    disconnects.end({ subject: '7' });
    const then = disconnects.mark;
    for (let n = 0; n < 4095; n += 1) disconnects.end({ subject: `other-${n}` });
    expect(disconnects.reached(before, of('7'))).toBe('ended');

    for (let n = 0; n < 4096; n += 1) disconnects.end({ subject: `another-${n}` });

    expect(disconnects.reached(before, of('7'))).toBe('forgotten');
    expect(disconnects.reached(then, of('8'))).toBe('forgotten');
    expect(disconnects.reached(disconnects.mark, of('7'))).toBe('spared');
  });
});
