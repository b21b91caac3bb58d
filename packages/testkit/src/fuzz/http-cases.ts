/** Requests of one call, valid and then broken: their bodies, their headers, their target, and the way they are framed. */
import fc from 'fast-check';
import { type BodyOptions, bodyCases } from './body-cases.ts';
import { mutatedBytes, mutatedText } from './mutations.ts';

export interface HttpCase {
  readonly bytes: Buffer;
  /** Where its end is may be read in several ways, or it is the last of its connection: it is sent alone. */
  readonly isAlone: boolean;
  /** It has to be refused. */
  readonly isWrong: boolean;
  readonly what: string;
}

export interface FuzzedCall extends Partial<BodyOptions> {
  readonly method: string;
  readonly path: string | fc.Arbitrary<string>;
  /** Of every request, such as the credential. */
  readonly headers?: Readonly<Record<string, string>> | fc.Arbitrary<Readonly<Record<string, string>>>;
  /** @default 65536 */
  readonly maxBytes?: number;
}

interface Parts {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly isWrong: boolean;
  readonly what: string;
}

const WRONG_TYPES = [
  'text/plain',
  'application/json; charset=latin1',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  '',
  '*/*',
  'application/jsonp',
  '{}',
];
const RIGHT_TYPES = [
  'application/json',
  'Application/JSON',
  'application/json; charset=utf-8',
  'application/json;charset="UTF-8"',
];
/** Where another value changes what the server does, or should not. */
const HEADERS = [
  'Accept-Language',
  'Accept',
  'Origin',
  'Cookie',
  'If-None-Match',
  'If-Match',
  'Idempotency-Key',
  'Last-Event-ID',
  'Sec-Fetch-Site',
  'Via',
  'Expect',
  'Referer',
  'Range',
  'X-Request-Id',
  'X-Device-Token',
  'Authorization',
  'X-API-Key',
];
const HEADER_VALUES = fc.constantFrom(
  'en-GB,en;q=0.5',
  '"1~k3Zq81.15"',
  'https://a.example',
  'fanfare_session=a.b.c; x=1',
  'Bearer a.b.c',
  'cross-site',
  '100-continue',
  'null',
  '*/*;q=0',
  'bytes=0-1',
);

/** Bodies are drawn for calls that have some. */
export function httpCases(call: FuzzedCall): fc.Arbitrary<HttpCase> {
  const parts = partsOf(call);
  const plain = parts.map((one) => asCase(one, framed(one)));
  const withHeader = fc
    .tuple(parts, fc.constantFrom(...HEADERS), fc.oneof(HEADER_VALUES, mutatedText(HEADER_VALUES)))
    .map(([one, name, value]) =>
      asCase({ ...one, isWrong: false, what: `header ${name}` }, framed(one, `${name}: ${inOneLine(value)}\r\n`)),
    );
  const elsewhere = fc
    .tuple(
      parts,
      mutatedText(pathArbitrary(call)),
      fc.constantFrom(call.method, call.method, 'PUT', 'GET', 'DELETE', 'OPTIONS', 'PATCH'),
    )
    .map(([one, path, method]) => {
      const moved = { ...one, isWrong: false, what: 'target', method, path: inATarget(path) };
      return asCase(moved, framed(moved));
    });
  const kinds = [
    { weight: 240, arbitrary: plain },
    { weight: 60, arbitrary: withHeader },
    { weight: 40, arbitrary: elsewhere },
    { weight: 20, arbitrary: brokenFrames(parts) },
  ];
  if ((call.bodies ?? []).length === 0) return fc.oneof(...kinds);
  return fc.oneof(
    ...kinds,
    { weight: 40, arbitrary: oddTypes(parts) },
    { weight: 40, arbitrary: inChunks(parts) },
    { weight: 1, arbitrary: tooLarge(parts, call) },
  );
}

function partsOf({ method, path, headers = {}, bodies = [], ...options }: FuzzedCall): fc.Arbitrary<Parts> {
  const target = pathArbitrary({ path });
  const sent = headers instanceof fc.Arbitrary ? headers : fc.constant(headers);
  if (bodies.length === 0) {
    const query = fc.oneof({ weight: 1, arbitrary: target }, { weight: 3, arbitrary: mutatedText(target) });
    return fc.tuple(query, sent).map(([to, fields]) => ({
      method,
      path: inATarget(to),
      headers: fields,
      body: Buffer.alloc(0),
      isWrong: false,
      what: 'query',
    }));
  }
  return fc.tuple(target, sent, bodyCases({ bodies, ...options })).map(([to, fields, { bytes, isWrong, what }]) => ({
    method,
    path: to,
    headers: fields,
    body: bytes,
    isWrong,
    what,
  }));
}

function oddTypes(parts: fc.Arbitrary<Parts>): fc.Arbitrary<HttpCase> {
  const wrong = fc.constantFrom(...WRONG_TYPES).map((type) => ({ line: `Content-Type: ${type}\r\n`, isWrong: true }));
  const coded = fc
    .constantFrom('gzip', 'br', 'x', 'identity, gzip')
    .map((name) => ({ line: `Content-Type: application/json\r\nContent-Encoding: ${name}\r\n`, isWrong: true }));
  const right = fc.constantFrom(...RIGHT_TYPES).map((type) => ({ line: `Content-Type: ${type}\r\n`, isWrong: false }));
  return fc.tuple(parts, fc.oneof(wrong, coded, right)).map(([one, { line, isWrong }]) => {
    const typed = { ...one, isWrong: isWrong || one.isWrong, what: `type, ${one.what}` };
    return asCase(typed, framed(typed, line, { hasType: false }));
  });
}

/** As RFC 9112 §7.1 allows: in pieces of any size, with extensions and trailers. */
function inChunks(parts: fc.Arbitrary<Parts>): fc.Arbitrary<HttpCase> {
  const extension = fc.constantFrom('', '', ';a=b', ';a="b;c"');
  const trailer = fc.constantFrom('', '', 'X-Trailer: 1\r\n', 'X-API-Key: another\r\n');
  return fc.tuple(parts, fc.integer({ min: 1, max: 40 }), extension, trailer).map(([one, size, more, last]) => {
    const chunks: Buffer[] = [Buffer.from(`${headOf(one)}Transfer-Encoding: chunked\r\n\r\n`)];
    for (let at = 0; at < one.body.length; at += Math.max(size, one.body.length / 50)) {
      const piece = one.body.subarray(at, at + Math.max(size, one.body.length / 50));
      chunks.push(Buffer.from(`${piece.length.toString(16)}${more}\r\n`), piece, Buffer.from('\r\n'));
    }
    chunks.push(Buffer.from(`0\r\n${last}\r\n`));
    return asCase({ ...one, what: `chunks, ${one.what}` }, Buffer.concat(chunks));
  });
}

function tooLarge(parts: fc.Arbitrary<Parts>, { maxBytes = 65_536 }: FuzzedCall): fc.Arbitrary<HttpCase> {
  return fc.tuple(parts, fc.boolean()).map(([one, isText]) => {
    const body = Buffer.concat([isText ? one.body : Buffer.from('['), Buffer.alloc(maxBytes + 1, ' ')]);
    return { ...asCase({ ...one, isWrong: true, what: 'too large' }, framed({ ...one, body })), isAlone: true };
  });
}

/** Lengths that lie, codings that nobody knows, and bytes changed anywhere. */
function brokenFrames(parts: fc.Arbitrary<Parts>): fc.Arbitrary<HttpCase> {
  const length = fc.constantFrom(
    '-1',
    '+5',
    '0x5',
    '5, 5',
    '5 5',
    '99999999999999999999',
    '1e3',
    '',
    '0',
    '9',
    '00000000005',
  );
  const coding = fc.constantFrom(
    'chunked, chunked',
    'gzip, chunked',
    'identity',
    'chunked;q=1',
    'xchunked',
    '\tchunked',
    'chunked\r\nContent-Length: 3',
  );
  const head = fc.oneof(
    length.map((value) => `Content-Length: ${value}\r\n`),
    coding.map((value) => `Transfer-Encoding: ${value}\r\n`),
  );
  const chunk = fc.constantFrom(
    '-1\r\n',
    'zz\r\n',
    'fffffffffffffffff\r\n',
    '5\n',
    '2\r\n{}',
    '1;\r\n',
    '\r\n',
    '0\r\n\r\nGET /',
    '0\r\nContent-Length: 3\r\n\r\n',
  );
  const lies = fc
    .tuple(parts, head)
    .map(([one, line]) => Buffer.concat([Buffer.from(`${headOf(one)}${line}\r\n`), one.body]));
  const chunks = fc
    .tuple(parts, chunk)
    .map(([one, bad]) =>
      Buffer.concat([Buffer.from(`${headOf(one)}Transfer-Encoding: chunked\r\n\r\n${bad}`), one.body]),
    );
  const bytes = mutatedBytes(parts.map((one) => framed(one)));
  return fc
    .oneof(lies, chunks, bytes)
    .map((broken) => ({ bytes: broken, isAlone: true, isWrong: false, what: 'frame' }));
}

/** A call that needs no field needs no body, and of none there is no type. */
function asCase({ isWrong, what, body }: Parts, bytes: Buffer): HttpCase {
  return { bytes, isAlone: false, isWrong: isWrong && body.length > 0, what };
}

function headOf({ method, path, headers, body }: Parts, hasType = true): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const type = hasType && body.length > 0 ? 'Content-Type: application/json\r\n' : '';
  return `${method} ${path} HTTP/1.1\r\nHost: x\r\n${lines.join('')}${type}`;
}

function framed(parts: Parts, more = '', { hasType = true } = {}): Buffer {
  return Buffer.concat([
    Buffer.from(`${headOf(parts, hasType)}${more}Content-Length: ${parts.body.length}\r\n\r\n`),
    parts.body,
  ]);
}

function pathArbitrary({ path }: Pick<FuzzedCall, 'path'>): fc.Arbitrary<string> {
  return typeof path === 'string' ? fc.constant(path) : path;
}

/** What ends a request line, or is no URL at all, is another row: P10. */
function inATarget(path: string): string {
  const target = path.replace(/[^\x21-\x7e]/gu, (one) => encodeURIComponent(Buffer.from(one).toString()));
  return target.startsWith('/') ? target : `/${target}`;
}

function inOneLine(text: string): string {
  return Buffer.from(text.replace(/[\r\n]/g, '').replaceAll('\0', '')).toString('latin1');
}
