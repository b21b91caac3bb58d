/** Bodies of a JSON call that are almost right: one field wrong, one too many, one too few; too deep, twice, half, no JSON, no UTF-8. */
import fc from 'fast-check';
import { mutatedText } from './mutations.ts';

export interface BodyCase {
  readonly bytes: Buffer;
  /** No reader may take it. */
  readonly isWrong: boolean;
  readonly what: string;
}

export interface BodyOptions {
  /** Good ones. */
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
  /** Fields that take any JSON value, and those that take several types. @default none */
  readonly free?: readonly string[];
  /** Whether a field that nobody knows is refused. @default true */
  readonly isStrict?: boolean;
}

/** JSON texts, for they need not be what `JSON.stringify` writes. */
const VALUES = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '0.1',
    '1e999',
    '-1e999',
    '1e-999',
    '9007199254740993',
    '9'.repeat(400),
  ],
  ...[
    '""',
    '" "',
    '"\\u0000"',
    '"\\ud800"',
    '"\\r\\nevent: x"',
    '"\\u2028"',
    '"__proto__"',
    '"constructor"',
    '"../.."',
    '"*"',
  ],
  ...[`"${'x'.repeat(1000)}"`, '"ünï 🙂"', '"1"', '"null"', '"a:b:c"', '"%00"', '"{id}"'],
  ...[
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '[1,2]',
    '["a","a"]',
    '{"length":1e9}',
    '{"toString":1}',
    '{"toJSON":1}',
    '{"then":1}',
  ],
];

/** What no body may hold, wherever it stands. */
const FORBIDDEN = [
  ...['{"__proto__":{"polluted":1}}', '{"\\u005f_proto__":1}', '[{"a":{"__proto__":null}}]'],
  ...[deep('[', ']', 33), deep('{"a":', '}', 33), deep('[', ']', 5000), deep('{"__proto__":', '}', 40)],
];

const PLACE = 'here stands something else';
const NAMES = ['polluted', 'constructor', 'toString', 'hasOwnProperty', 'length', '', 'Channel', ' data'];
const BARE = [
  ...['null', 'true', '0', '"text"', '[]', '[{}]', '', ' '],
  ...['\ufeff{}', 'undefined', 'NaN', '{}{}', '{', "{'a':1}"],
];
/** Of bytes that no text has: alone, too few, half a pair, too high, too long. */
const NOT_UTF8 = ['ff', 'c328', 'eda080', 'f4908080', 'c0af', '80'];

export function bodyCases(options: BodyOptions): fc.Arbitrary<BodyCase> {
  return fc.oneof({ weight: 14, arbitrary: fieldCases(options) }, { weight: 13, arbitrary: wholeCases(options) });
}

/** One field of a good body is something else, is there twice, or is not there. */
function fieldCases({ bodies, free = [], isStrict = true }: BodyOptions): fc.Arbitrary<BodyCase> {
  const places = bodies.flatMap((body) => pathsOf(body).map((path) => ({ body, path })));
  const name = fc.constantFrom(...NAMES);
  const extra = fc
    .tuple(fc.constantFrom(...bodies), name)
    .map(([body, field]) => asText('extra', isStrict)(withFields(body, `${JSON.stringify(field)}:1`)));
  if (places.length === 0) return extra;
  const place = fc.constantFrom(...places);
  const value = fc.constantFrom(...VALUES);
  const replaced = fc.tuple(place, value).map(([{ body, path }, json]) => {
    const [field = ''] = path;
    const isOtherType = path.length === 1 && typeOf(json) !== typeOf(JSON.stringify(body[field]));
    return asText('field', isOtherType && !free.includes(field))(replaceAt(body, path, json));
  });
  const forbidden = fc
    .tuple(place, fc.constantFrom(...FORBIDDEN))
    .map(([{ body, path }, json]) => asText('forbidden', true)(replaceAt(body, path, json)));
  const twice = fc
    .tuple(place, value)
    .map(([{ body, path }, json]) => asText('twice', false)(withFields(body, `${JSON.stringify(path[0])}:${json}`)));
  const missing = place.map(({ body, path: [field = ''] }) =>
    asText('missing', false)(JSON.stringify({ ...body, [field]: undefined })),
  );
  return fc.oneof(
    { weight: 8, arbitrary: replaced },
    { weight: 2, arbitrary: forbidden },
    { weight: 2, arbitrary: twice },
    { weight: 2, arbitrary: missing },
    { weight: 2, arbitrary: extra },
  );
}

/** A good body as it is, with pieces of its text or of its bytes changed, its beginning only, or none. */
function wholeCases({ bodies }: BodyOptions): fc.Arbitrary<BodyCase> {
  const json = fc.constantFrom(...bodies.map((body) => JSON.stringify(body)));
  const half = fc
    .tuple(json, fc.double({ min: 0, max: 0.99, noNaN: true }))
    .map(([text, share]) => asText('half', true)(text.slice(0, Math.floor(share * text.length))));
  const notUtf8 = fc
    .tuple(json, fc.nat(), fc.constantFrom(...NOT_UTF8))
    .map(([text, at, hex]) => ({ bytes: withBytes(text, at, Buffer.from(hex, 'hex')), isWrong: true, what: 'utf8' }));
  return fc.oneof(
    { weight: 6, arbitrary: mutatedText(json).map(asText('text', false)) },
    { weight: 2, arbitrary: json.map(asText('good', false)) },
    { weight: 1, arbitrary: fc.constantFrom(...BARE).map(asText('bare', true)) },
    { weight: 1, arbitrary: half },
    { weight: 1, arbitrary: notUtf8 },
  );
}

function asText(what: string, isWrong: boolean): (json: string) => BodyCase {
  return (json) => ({ bytes: Buffer.from(json), isWrong, what });
}

type Path = readonly string[];

/** Of every value inside. */
function pathsOf(value: unknown, above: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [[...above, key], ...pathsOf(inner, [...above, key])]);
}

function replaceAt(body: unknown, path: Path, json: string): string {
  const copy: unknown = structuredClone(body);
  let inner = Object(copy);
  for (const key of path.slice(0, -1)) inner = inner[key];
  inner[path.at(-1) ?? ''] = PLACE;
  return JSON.stringify(copy).replace(JSON.stringify(PLACE), () => json);
}

function withFields(body: object, more: string): string {
  const json = JSON.stringify(body);
  return json === '{}' ? `{${more}}` : `${json.slice(0, -1)},${more}}`;
}

/** Inside of the braces, so that what is wrong is not merely behind the value. */
function withBytes(json: string, at: number, bytes: Buffer): Buffer {
  const split = 1 + (at % Math.max(1, json.length - 1));
  return Buffer.concat([Buffer.from(json.slice(0, split)), bytes, Buffer.from(json.slice(split))]);
}

function typeOf(json: string | undefined): string {
  const [first = ''] = json ?? '';
  return { '"': 'text', '{': 'object', '[': 'list', t: 'boolean', f: 'boolean', n: 'null' }[first] ?? 'number';
}

function deep(open: string, close: string, levels: number): string {
  return `${open.repeat(levels)}${open.endsWith(':') ? '1' : ''}${close.repeat(levels)}`;
}
