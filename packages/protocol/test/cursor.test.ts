/** Positions and the compound cursor [PROTOCOL §3]. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelHash } from '../src/channel-hash.ts';
import {
  type Cursor,
  CursorWriter,
  decodeCursor,
  decodePosition,
  encodeCursor,
  encodePosition,
  MAX_CHANNELS_PER_CONNECTION,
  MAX_CURSOR_LENGTH,
  type Position,
} from '../src/index.ts';
import { channelName, position } from './arbitraries.ts';

const positions = fc.uniqueArray(fc.tuple(channelName, position), { selector: ([name]) => name, maxLength: 128 });

function opened(text: string): Cursor {
  const result = decodeCursor(text);
  if (!result.ok) throw new Error(`refused: ${text}`);
  return result.value;
}

describe('a position [§3.1]', () => {
  it('comes back from its text', () => {
    fc.assert(
      fc.property(position, (value) => {
        expect(decodePosition(encodePosition(value))).toEqual({ ok: true, value });
      }),
    );
  });

  it.each([
    '',
    '.',
    'a',
    'a.',
    '.1',
    'a.1.2',
    'a.A',
    'a.1 ',
    'a.1\n',
    'é.1',
    `${'a'.repeat(17)}.1`,
    'a.zzzzzzzzzzz',
    '1~a.b',
  ])('is refused as %j', (text) => {
    expect(decodePosition(text)).toMatchObject({ ok: false, problem: { code: 'POSITION_INVALID' } });
  });
});

describe('a compound cursor [§3.3]', () => {
  it('gives every channel its own position back', () => {
    fc.assert(
      fc.property(positions, (entries) => {
        fc.pre(new Set(entries.map(([, { epoch }]) => epoch)).size <= 90);
        const cursor = opened(encodeCursor(new Map(entries)));

        for (const [channel, value] of entries) expect(cursor.position(channel)).toEqual(value);
      }),
    );
  });

  it('is made of characters that an SSE id, a header and a query take as they are', () => {
    fc.assert(
      fc.property(positions, (entries) => {
        expect(encodeCursor(new Map(entries))).toMatch(/^[A-Za-z0-9._~-]*$/);
      }),
    );
  });

  it('says nothing about channels it was not made for', () => {
    fc.assert(
      fc.property(positions, channelName, (entries, other) => {
        fc.pre(entries.every(([name]) => name !== other));

        expect(opened(encodeCursor(new Map(entries))).position(other)).toBeUndefined();
      }),
    );
  });

  it('knows nothing when empty', () => {
    expect(encodeCursor(new Map())).toBe('');
    expect(opened('').position('a')).toBeUndefined();
  });

  it('writes an epoch once for all channels that share it', () => {
    const text = encodeCursor(new Map(['a', 'b', 'c'].map((name) => [name, { epoch: 'SHARED', offset: 1 }])));

    expect(text.split('SHARED')).toHaveLength(2);
  });

  it('stays under 4096 bytes at 128 channels of one epoch and of 128 epochs, all at their longest', () => {
    const names = Array.from({ length: MAX_CHANNELS_PER_CONNECTION }, (_, index) => `${'x'.repeat(120)}:${index}`);
    const own = names.map(
      (name, index) => [name, { epoch: `epoch${index}`.padEnd(16, 'x'), offset: Number.MAX_SAFE_INTEGER }] as const,
    );
    const shared = names.map((name) => [name, { epoch: 'e'.repeat(16), offset: Number.MAX_SAFE_INTEGER }] as const);

    expect(encodeCursor(new Map(own)).length).toBe(1 + 90 * 17 + 128 * 20);
    expect(encodeCursor(new Map(own)).length).toBeLessThan(MAX_CURSOR_LENGTH);
    expect(encodeCursor(new Map(shared)).length).toBe(1 + 17 + 128 * 20);
  });

  it('sends a channel whose epoch has no room to a position no history reaches, so that it is told of the loss', () => {
    const entries = Array.from(
      { length: 128 },
      (_, index) => [`c:${index}`, { epoch: `e${index}`, offset: 5 }] as const,
    );
    const cursor = opened(encodeCursor(new Map(entries)));

    for (const [channel, value] of entries.slice(0, 90)) expect(cursor.position(channel)).toEqual(value);
    for (const [channel] of entries.slice(90)) expect(cursor.position(channel)?.offset).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each([
    'garbage',
    '1',
    '1~',
    '1~a',
    '1~a.',
    '0~a.AAAAAAAA1',
    '2~a.AAAAAAAA1',
    '1~a.AAAAAAAA',
    '1~a.AAAAAAA1',
    '1~a.AAAAAAAA1.',
    '1~a.AAAAAAAA1~',
    '1~a.AAAAAAAAZ',
    '1~a.AAAAAAAAzzzzzzzzzzz',
    '1~a.AAAAAAAA000000000001',
    '1~a.AAAAAAAA1.AAAAAAAA2',
    '1~a.AAAAAAAA1~b.AAAAAAAA1',
    '1~a.AAAAAAAA1~a.BBBBBBBB1',
    '1~a-b.AAAAAAAA1',
    '1~aaaaaaaaaaaaaaaaa.AAAAAAAA1',
    '1~a.AAAAAAAA1\n',
    ' 1~a.AAAAAAAA1',
    '1~a.AAAAAAAA-1',
    `1~a${Array.from({ length: 129 }, (_, index) => `.${channelHash(String(index))}1`).join('')}`,
    `1~${'a'.repeat(5000)}`,
    'a.1',
  ])('is refused as %s', (text) => {
    const result = decodeCursor(text);

    expect(result).toMatchObject({ ok: false, problem: { code: 'CURSOR_INVALID', field: 'cursor' } });
  });

  it('never throws on any text, and never invents a position from a mutated one', () => {
    const good = encodeCursor(
      new Map([
        ['a', { epoch: 'E1', offset: 7 }],
        ['b', { epoch: 'E2', offset: 9 }],
      ]),
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.string({ unit: 'binary', maxLength: 3 }), (place, text) => {
        const result = decodeCursor(good.slice(0, place) + text + good.slice(place + 1));
        for (const channel of ['a', 'b']) {
          const found = result.ok ? result.value.position(channel) : undefined;
          if (found !== undefined) expect(Number.isSafeInteger(found.offset)).toBe(true);
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('the cursor writer', () => {
  it('writes at any moment what a fresh encoding of the same positions holds', () => {
    const step = fc.oneof(
      fc.record({ channel: fc.nat(60), at: fc.record({ epoch: fc.constantFrom('a', 'b', 'c'), offset: fc.nat() }) }),
      fc.record({ channel: fc.nat(60), at: fc.constant(undefined) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const writer = new CursorWriter();
        const model = new Map<string, Position>();
        for (const { channel, at } of steps) {
          const name = `c:${channel}`;
          if (at === undefined) {
            writer.delete(name);
            model.delete(name);
          } else {
            writer.set(name, at);
            model.set(name, at);
          }
          const cursor = opened(writer.text());
          for (let index = 0; index <= 60; index += 1)
            expect(cursor.position(`c:${index}`)).toEqual(model.get(`c:${index}`));
          expect(writer.text().length).toBe(encodeCursor(model).length);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('holds at most 128 channels', () => {
    const writer = new CursorWriter();
    for (let index = 0; index < 128; index += 1) writer.set(`c:${index}`, { epoch: 'a', offset: 1 });

    expect(() => writer.set('c:128', { epoch: 'a', offset: 1 })).toThrow(RangeError);
    expect(() => writer.set('c:0', { epoch: 'a', offset: 2 })).not.toThrow();
  });

  it.each(['', 'a.b', 'a~b', 'a\n', 'x'.repeat(17)])('refuses the epoch %j', (epoch) => {
    expect(() => new CursorWriter().set('a', { epoch, offset: 1 })).toThrow(TypeError);
  });

  it('gives an epoch its room back when its last channel leaves', () => {
    const writer = new CursorWriter();
    for (let index = 0; index < 500; index += 1) {
      writer.set('a', { epoch: `e${index}`, offset: index });
      expect(opened(writer.text()).position('a')).toEqual({ epoch: `e${index}`, offset: index });
    }
  });
});

describe('the hash of a channel in a cursor', () => {
  it('is the same on every version and node', () => {
    expect(['a', 'b', 'court:1', 'public:hello'].map(channelHash)).toEqual([
      'XXxORxon',
      '0qeYE__S',
      '0Bkrbekc',
      '-Z0kB7eB',
    ]);
  });

  it('tells 300 000 similar names apart', () => {
    const hashes = new Set<string>();
    for (let index = 0; index < 100_000; index += 1) {
      for (const name of [`court:${index}`, `${index}:court`, index.toString(2)]) hashes.add(channelHash(name));
    }

    expect(hashes.size).toBe(new Set(Array.from({ length: 100_000 }, (_, index) => index.toString(2))).size + 200_000);
  });
});
