/** The grammar of names [PROTOCOL §2]. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeValue,
  parseChannelName,
  parseEventName,
  parseIdempotencyKey,
  parseKey,
  RESERVED_EVENT_NAMES,
} from '../src/index.ts';

const HOSTILE = [
  '\r',
  '\n',
  '\0',
  ' ',
  '*',
  '>',
  '{',
  '}',
  '/',
  '?',
  '#',
  '%',
  '.',
  '~',
  '\uFEFF',
  '\u2028',
  'é',
  '٣',
  '😀',
];

describe('channel names [§2.1]', () => {
  it.each(['a', 'public:hello', 'court:1234', 'A-b_9:x:y', 'a'.repeat(128)])('accepts %s', (name) => {
    expect(parseChannelName(name)).toEqual({ ok: true, value: name });
  });

  it.each([
    '',
    ':',
    'a:',
    ':a',
    'a::b',
    'a'.repeat(129),
    'a\n',
    '\na',
    'a b',
    null,
    undefined,
    7,
    ['a'],
    { toString: () => 'a' },
  ])('refuses %j with a stable code', (name) => {
    const result = parseChannelName(name);

    expect(result).toMatchObject({ ok: false, problem: { code: 'CHANNEL_NAME_INVALID', field: 'channel' } });
  });

  it.each(HOSTILE)('refuses the character %j anywhere', (character) => {
    for (const name of [character, `a${character}`, `${character}a`, `a${character}b`, `a:${character}`]) {
      expect(parseChannelName(name).ok).toBe(false);
    }
  });

  it('answers at once on long hostile input', () => {
    const before = performance.now();

    parseChannelName(`${'a:'.repeat(50_000)}!`);
    parseChannelName('a'.repeat(1_000_000));

    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('event names [§2.2]', () => {
  it.each(['a', 'score-update', 'user.created', 'Set_2', `a${'b'.repeat(63)}`])('accepts %s', (name) => {
    expect(parseEventName(name)).toEqual({ ok: true, value: name });
  });

  it.each(['', '1a', '-a', `a${'b'.repeat(64)}`, 'a b', 'a:b', 'a\r', 'a\n', 'a\0', undefined, {}])(
    'refuses %j',
    (name) => {
      expect(parseEventName(name)).toMatchObject({
        ok: false,
        problem: { code: 'EVENT_NAME_INVALID', field: 'event' },
      });
    },
  );

  it.each([...RESERVED_EVENT_NAMES])('refuses the reserved %s', (name) => {
    expect(parseEventName(name)).toMatchObject({ ok: false, problem: { code: 'EVENT_NAME_RESERVED' } });
  });

  it('reserves everything that a bare EventSource or a stream of ours fires by itself', () => {
    const own = [
      'connected',
      'subscribed',
      'recovered',
      'lost',
      'unsubscribed',
      'heartbeat',
      'published',
      'authenticated',
      'transports',
      'close',
      'state',
    ];
    const browser = ['open', 'message', 'error'];

    expect([...RESERVED_EVENT_NAMES].sort()).toEqual([...own, ...browser].sort());
  });
});

describe('keys [§2.3] and idempotency keys [§2.4]', () => {
  it.each(['a', 'table-7', 'user:7@example.org', 'x'.repeat(128)])('accepts the key %s', (key) => {
    expect(parseKey(key)).toEqual({ ok: true, value: key });
    expect(parseIdempotencyKey(key)).toEqual({ ok: true, value: key });
  });

  it.each(['', 'a b', 'a\n', 'x'.repeat(129), 'é', null, 7])('refuses %j as either', (key) => {
    expect(parseKey(key)).toMatchObject({ ok: false, problem: { code: 'KEY_INVALID' } });
    expect(parseIdempotencyKey(key)).toMatchObject({ ok: false, problem: { code: 'IDEMPOTENCY_KEY_INVALID' } });
  });
});

describe('every name parser', () => {
  it('returns a result on any value, with a short and printable description of it', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true }), (value) => {
        for (const parse of [parseChannelName, parseEventName, parseKey, parseIdempotencyKey]) {
          const result = parse(value);
          if (!result.ok) expect(result.problem.got.length).toBeLessThan(500);
        }
      }),
    );
  });

  it.each([
    ['a\nb', '"a\\nb"'],
    [undefined, 'nothing'],
    [null, 'null'],
    [[1], 'an array'],
    [{}, 'an object'],
    [Number.NaN, 'NaN'],
    [Symbol('x'), 'a symbol'],
    [() => 1, 'a function'],
    ['x'.repeat(65), `"${'x'.repeat(64)}…"`],
  ])('describes %s', (value, description) => {
    expect(describeValue(value)).toBe(description);
  });
});
