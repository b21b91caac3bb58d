/** Options with a mistake in them: each is refused where it is written, with what to write instead. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOptions, nearestName } from '../../src/channels/options-check.ts';
import { createFanfare, log, memory, signal, sqlite, state, type } from '../../src/index.ts';

/** As JavaScript would: no compiler has read these. */
const loosely = {
  createFanfare: createFanfare as (options?: unknown) => unknown,
  log: log as (options?: unknown) => unknown,
  state: state as (options?: unknown) => unknown,
  signal: signal as (options?: unknown) => unknown,
};
const good = () => ({ engine: memory(), channels: {} });

describe('a misspelt option', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['of log', () => loosely.log({ evnts: {} }), 'log() has no option "evnts"; did you mean "events"?'],
    [
      'of state',
      () => loosely.state({ minIntervallMs: 50 }),
      'state() has no option "minIntervallMs"; did you mean "minIntervalMs"?',
    ],
    [
      'of signal',
      () => loosely.signal({ Access: 'public' }),
      'signal() has no option "Access"; did you mean "access"?',
    ],
    [
      'of another kind',
      () => loosely.signal({ keep: 'forever' }),
      'signal() has no option "keep"; it has events, maxSubscribers, access.',
    ],
    ['of keep', () => loosely.log({ keep: { day: 7 } }), 'keep has no option "day"; did you mean "days"?'],
    [
      'of createFanfare',
      () => loosely.createFanfare({ ...good(), authentcate: () => undefined }),
      'createFanfare() has no option "authentcate"; did you mean "authenticate"?',
    ],
    [
      'of limits',
      () => loosely.createFanfare({ ...good(), limits: { maxConections: 5 } }),
      'limits has no option "maxConections"; did you mean "maxConnections"?',
    ],
  ])('%s is refused with the name that was meant', (_, make, message) => {
    expect(make).toThrow(new TypeError(message));
  });
});

describe('an option of the wrong type', () => {
  const engine =
    /^createFanfare\(\): engine: expected an engine, written engine: sqlite\('data\/app\.db'\) or engine: memory\(\), got /;
  it.each<readonly [string, () => unknown, RegExp]>([
    ['no engine', () => loosely.createFanfare({ channels: {} }), /engine: sqlite\('data\/app\.db'\).*, got nothing\.$/],
    ['the name of an engine', () => loosely.createFanfare({ channels: {}, engine: 'sqlite' }), engine],
    ['an engine that was not called', () => loosely.createFanfare({ channels: {}, engine: sqlite }), engine],
    ['no options', () => loosely.createFanfare(), /^createFanfare\(\): expected an object of options, got nothing\.$/],
    ['no channels', () => loosely.createFanfare({ engine: memory() }), /channels: expected .*log\(\).*, got nothing/],
    [
      'a definition that was not called',
      () => loosely.createFanfare({ ...good(), channels: { 'a:{b}': log } }),
      /^channels: "a:\{b\}": expected log\(.*got a function\.$/,
    ],
    [
      'a definition by hand',
      () => loosely.createFanfare({ ...good(), channels: { a: { kind: 'log' } } }),
      /"a": expected log\(/,
    ],
    [
      'authenticate',
      () => loosely.createFanfare({ ...good(), authenticate: 'jwt' }),
      /authenticate: expected a function, got "jwt"/,
    ],
    [
      'a key that is a number',
      () => loosely.createFanfare({ ...good(), apiKey: 7 }),
      /apiKey: expected a string, got 7/,
    ],
    [
      'one origin without its array',
      () => loosely.createFanfare({ ...good(), allowedOrigins: 'https://a.example' }),
      /allowedOrigins: expected an array/,
    ],
    [
      'a word for a switch',
      () => loosely.createFanfare({ ...good(), publicChannels: 'no' }),
      /publicChannels: expected true or false/,
    ],
    ['hops', () => loosely.createFanfare({ ...good(), trustedHops: true }), /trustedHops: expected how many proxies/],
    ['onError', () => loosely.createFanfare({ ...good(), onError: null }), /onError: expected a function, got null/],
    [
      'a limit',
      () => loosely.createFanfare({ ...good(), limits: { maxConnections: '5' } }),
      /^limits: maxConnections: expected a number from 0, got "5"/,
    ],
    [
      'a heartbeat',
      () => loosely.createFanfare({ ...good(), limits: { heartbeatMs: 60_000 } }),
      /heartbeatMs: expected more than 0 and at most 25000/,
    ],
    [
      'access misspelt',
      () => loosely.log({ access: 'publik' }),
      /^log\(\): access: expected 'public' or a function .*, got "publik"\.$/,
    ],
    [
      'access as a switch',
      () => loosely.state({ access: true }),
      /^state\(\): access: expected 'public'.*, got true\.$/,
    ],
    ['access as a list', () => loosely.signal({ access: ['admin'] }), /^signal\(\): access: .*, got an array\.$/],
    [
      'a list of events',
      () => loosely.log({ events: ['said'] }),
      /events: expected schemas by event name.*, got an array/,
    ],
    [
      'an event without a schema',
      () => loosely.log({ events: { said: { text: String } } }),
      /^events: said: expected a Standard Schema .*, got an object\.$/,
    ],
    [
      'a schema',
      () => loosely.state({ schema: Number }),
      /^state\(\): schema: expected a Standard Schema .*, got a function\.$/,
    ],
    [
      'keep',
      () => loosely.log({ keep: 'for ever' }),
      /^log\(\): keep: expected \{ count, days, hours \} or 'forever', got "for ever"\.$/,
    ],
    ['keep in words', () => loosely.log({ keep: { days: '7' } }), /^keep: days: expected a number, got "7"\.$/],
    ['options that are none', () => loosely.log('public'), /^log\(\): expected an object of options, got "public"\.$/],
  ])('is refused: %s', (_, make, message) => {
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });
});

describe('options', () => {
  it('that are undefined are left out, as a variable that is not set is', () => {
    const left = { apiKey: undefined, authenticate: undefined, limits: undefined, onError: undefined };

    expect(loosely.createFanfare({ ...good(), ...left })).toBeDefined();
    expect(loosely.log({ events: undefined, keep: undefined, access: undefined })).toEqual(log());
  });

  it('may have schemas that are functions, as those of arktype are', () => {
    const schema = Object.assign(() => 1, type<number>());

    expect(loosely.state({ schema })).toMatchObject({ kind: 'state' });
  });
});

describe('the nearest name', () => {
  const known = ['engine', 'channels', 'authenticate', 'allowedOrigins', 'publicChannels', 'heartbeatMs'];
  const name = fc.constantFrom(...known);

  it('is found over any single letter that is wrong, missing or too much', () => {
    fc.assert(
      fc.property(name, fc.nat(), fc.constantFrom('', 'x', 'xy'), (meant, at, instead) => {
        const place = at % meant.length;
        const written = meant.slice(0, place) + instead + meant.slice(place + 1);

        expect(nearestName(written, known)).toBe(meant);
      }),
    );
  });

  it('is never one of a word that has nothing to do with it, and any text is survived', () => {
    for (const far of ['url', 'database', 'x', '', 'x'.repeat(10_000)]) expect(nearestName(far, known)).toBeUndefined();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (written) => {
        const rules = { engine: { expected: 'x', fits: () => true } };
        const check = () => checkOptions({ owner: 'f()', options: { [written]: 1 }, rules });

        if (written === 'engine') expect(check).not.toThrow();
        else expect(check).toThrow(/^f\(\) has no option/);
      }),
    );
  });
});
