/** Grants: patterns over whole segments of a name, claims that stand for one segment, and a reason for every answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGrantPattern } from '../../src/auth/grant-pattern.ts';
import type { Action, GrantTable, Identity } from '../../src/index.ts';
import { grants } from '../../src/index.ts';

const an: Identity = {
  subject: '7',
  roles: ['umpire'],
  claims: { tenant: 'acme', rooms: ['a', 'b'], level: 3, odd: { x: 1 }, star: '*', two: 'x:y' },
};

function may(table: GrantTable, action: Action, channel: string, identity: Identity | undefined = an): boolean {
  const authority = grants({ anyone: table });
  const decision = authority.decide({ action, channel, params: {}, identity, address: '' });
  return Object(decision).allow === true;
}

describe('a pattern', () => {
  it.each<[string, string, boolean]>([
    ['court:*', 'court:1', true],
    ['court:*', 'court:1:2', false],
    ['court:*', 'court', false],
    ['court:*', 'courts:1', false],
    ['court:*', 'COURT:1', false],
    ['*', 'court', true],
    ['*', 'court:1', false],
    ['*:1', 'court:1', true],
    ['**', 'court', true],
    ['**', 'a:b:c:d', true],
    ['court:**', 'court:1', true],
    ['court:**', 'court:1:2', true],
    ['court:**', 'court', false],
    ['inbox:{sub}', 'inbox:7', true],
    ['inbox:{sub}', 'inbox:70', false],
    ['inbox:{sub}', 'inbox:7:x', false],
    ['t:{tenant}:**', 't:acme:a:b', true],
    ['t:{tenant}:**', 't:acme', false],
    ['t:{tenant}:**', 't:other:a', false],
    ['room:{rooms}', 'room:b', true],
    ['room:{rooms}', 'room:c', false],
    ['level:{level}', 'level:3', true],
    // A value is a text and no pattern, and never two segments.
    ['x:{star}', 'x:1', false],
    ['x:{two}', 'x:x:y', false],
    // What is absent, or no text, opens nothing.
    ['x:{nobody}', 'x:undefined', false],
    ['x:{odd}', 'x:1', false],
    ['x:{toString}', 'x:1', false],
    ['x:{__proto__}', 'x:1', false],
    ['x:{constructor}', 'x:1', false],
  ])('%s, asked for %s: %s', (pattern, channel, expected) => {
    expect(may({ subscribe: [pattern] }, 'subscribe', channel)).toBe(expected);
  });

  it.each([
    '',
    ':',
    'a:',
    ':a',
    'a*',
    '***',
    '**:a',
    'a:**:b',
    '{}',
    '{a',
    'a{b}',
    '{a}{b}',
    'a b',
    'a.b',
    '\u0430',
    'x'.repeat(257),
  ])('is none: %j', (text) => {
    expect(parseGrantPattern(text)).toBeUndefined();
    expect(() => grants({ anyone: { subscribe: [text] } })).toThrow(/subscribe: expected segments joined by ":"/);
  });

  it('without marks matches its own name alone, whatever the names', () => {
    const name = fc
      .array(fc.stringMatching(/^[a-c_-]{1,3}$/), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join(':'));
    fc.assert(
      fc.property(name, name, (pattern, channel) => {
        expect(may({ subscribe: [pattern] }, 'subscribe', channel)).toBe(pattern === channel);
      }),
      { numRuns: 2000 },
    );
  });

  it('with a claim matches nothing that the claim does not say, whatever it says', () => {
    const channel = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
    fc.assert(
      fc.property(fc.jsonValue(), channel, (value, segment) => {
        const identity = { subject: 's', roles: [], claims: { who: value } };
        const says = (Array.isArray(value) ? value : [value]).some(
          (one) => typeof one !== 'object' && `${one}` === segment,
        );
        if (!says) expect(may({ subscribe: ['x:{who}'] }, 'subscribe', `x:${segment}`, identity)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a table', () => {
  it('says each action by itself; history and presence are as subscribe where they are left out', () => {
    const table: GrantTable = { subscribe: ['a:*'], publish: ['b:*'], history: ['c:*'] };
    const allowed = (['subscribe', 'publish', 'history', 'presence', 'manage'] as const).map((action) =>
      ['a:1', 'b:1', 'c:1'].filter((channel) => may(table, action, channel)).join(),
    );

    expect(allowed).toEqual(['a:1', 'b:1', 'c:1', 'a:1', '']);
  });

  it('counts for whom it is written', () => {
    const authority = grants({
      anyone: { subscribe: ['public:*'] },
      users: { subscribe: ['inbox:{sub}'] },
      roles: { umpire: { publish: ['court:*'] } },
    });
    const ask = (action: Action, channel: string, identity: Identity | undefined) =>
      authority.decide({ action, channel, params: {}, identity, address: '' }) !== undefined;
    const binh: Identity = { subject: '8', roles: [], grants: { publish: ['board:{sub}'] } };

    expect(ask('subscribe', 'public:a', undefined)).toBe(true);
    expect(ask('subscribe', 'inbox:7', undefined)).toBe(false);
    expect(ask('subscribe', 'inbox:7', an)).toBe(true);
    expect(ask('subscribe', 'inbox:7', binh)).toBe(false);
    expect(ask('publish', 'court:1', an)).toBe(true);
    expect(ask('publish', 'court:1', binh)).toBe(false);
    expect(ask('publish', 'board:8', binh)).toBe(true);
    const deaf = grants({ fromTokens: false });
    expect(
      deaf.decide({ action: 'publish', channel: 'board:8', params: {}, identity: binh, address: '' }),
    ).toBeUndefined();
  });

  it.each([
    [{ anyone: ['court:*'] }, /anyone: expected patterns by action/],
    [{ users: { read: [] } }, /there is no action "read"; there are subscribe, publish/],
    [{ roles: { a: { publish: 'x' } } }, /role a: publish: expected a list of patterns, got "x"/],
  ])('that makes no sense is refused at the start: %j', (options, message) => {
    expect(() => grants(Object(options))).toThrow(message);
  });

  it('is explained, table by table', () => {
    const authority = grants({
      anyone: { subscribe: ['public:*'] },
      users: { subscribe: ['inbox:{sub}', 'x:{group}'] },
    });
    const explain = (channel: string, identity: Identity | undefined) =>
      authority.explain?.({ action: 'subscribe', channel, params: {}, identity, address: '' });

    expect(explain('inbox:8', an)).toEqual([
      'users grants subscribe on "inbox:{sub}" ({sub} is "7"), "x:{group}" ({group} is absent): inbox:8 matches none',
      'anyone grants subscribe on "public:*": inbox:8 matches none',
    ]);
    expect(explain('inbox:7', an)?.[0]).toBe('users grants subscribe on "inbox:{sub}", which inbox:7 matches');
    expect(
      grants().explain?.({ action: 'publish', channel: 'a', params: {}, identity: undefined, address: '' }),
    ).toEqual(['nothing is granted to nobody in particular']);
  });
});
