/** The frames of RFC 6455 as we read them: the same however they are cut, and held against the `ws` library, for sound streams and broken ones. */
import type { Writable } from 'node:stream';
import { encodeRawFrame, OPCODES, type RawFrame } from '@fanfare/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { decode, type FrameReader } from '../../src/transports/ws/decoder.ts';
import type { Unfinished } from '../../src/transports/ws/unfinished.ts';

/** Small, so that they are met often. */
const LIMITS = { maxMessageBytes: 300, maxFragments: 4 };
const { continuation, text, binary, close, ping, pong } = OPCODES;

type Heard = readonly (string | number)[];

interface Read {
  readonly heard: readonly Heard[];
  readonly held: Unfinished | undefined;
}

/** Reads chunk by chunk. The bytes are copied first: they are unmasked in place. */
function read(chunks: readonly Buffer[]): Read {
  const heard: Heard[] = [];
  let isOver = false;
  const reader: FrameReader = {
    text: (said) => heard.push(['text', said]),
    binary: () => heard.push(['binary']),
    ping: (payload) => heard.push(['ping', Buffer.from(payload).toString('hex')]),
    pong: () => heard.push(['pong']),
    closed: (code, reason) => {
      isOver = true;
      heard.push(['closed', code, reason]);
    },
    violated: ({ code }) => {
      isOver = true;
      heard.push(['violated', code]);
    },
  };
  let held: Unfinished | undefined;
  for (const chunk of chunks) if (!isOver) held = decode(Buffer.from(chunk), held, { limits: LIMITS, reader });
  return { heard, held };
}

const CODES: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
};

/** What `ws` makes of the same bytes. */
function readByWs(bytes: Buffer): readonly Heard[] {
  const heard: Heard[] = [];
  const receiver = newReceiver();
  let isOver = false;
  receiver.on('error', () => {});
  receiver.on('message', (data: Buffer, isBinary: boolean) => heard.push(isBinary ? ['binary'] : ['text', `${data}`]));
  receiver.on('ping', (data: Buffer) => heard.push(['ping', data.toString('hex')]));
  receiver.on('pong', () => heard.push(['pong']));
  receiver.on('conclude', (code: number, reason: Buffer) => {
    isOver = true;
    heard.push(['closed', code, `${reason}`]);
  });
  receiver.write(Buffer.from(bytes));
  const error = receiver.errored;
  if (!isOver && error !== null) heard.push(['violated', CODES['code' in error ? String(error.code) : ''] ?? 1002]);
  return heard;
}

/** Not in the types of `ws`. */
function newReceiver(): Writable {
  const Receiver: unknown = Reflect.get(ws, 'Receiver');
  if (typeof Receiver !== 'function') throw new Error('ws has no receiver any more');
  return Reflect.construct(Receiver, [
    { isServer: true, maxPayload: LIMITS.maxMessageBytes, maxFragments: LIMITS.maxFragments },
  ]);
}

/** `ws` reads a length that is longer written than it must be, and we do not: where the first such frame begins, and its length is known. */
function longLengthAt(bytes: Buffer): number | undefined {
  for (let at = 0; at + 2 <= bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const size = short < 126 ? 0 : short === 126 ? 2 : 8;
    if (at + 2 + size > bytes.length) return undefined;
    const long = size === 0 ? BigInt(short) : BigInt(`0x${bytes.toString('hex', at + 2, at + 2 + size)}`);
    if (long < (size === 0 ? 0n : size === 2 ? 126n : 65_536n)) return at;
    const next = BigInt(at + 2 + size + 4) + long;
    if (next > BigInt(bytes.length)) return undefined;
    at = Number(next);
  }
  return undefined;
}

function expected(bytes: Buffer): readonly Heard[] {
  const at = longLengthAt(bytes);
  const heard = readByWs(at === undefined ? bytes : bytes.subarray(0, at));
  const [last] = heard.at(-1) ?? [];
  return at === undefined || last === 'closed' || last === 'violated' ? heard : [...heard, ['violated', 1002]];
}

function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(at[index - 1] ?? 0, end));
}

const places = fc.array(fc.nat(), { maxLength: 12 });
const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
);
const control: fc.Arbitrary<RawFrame> = fc.record({
  opcode: fc.constantFrom(ping, pong),
  payload: fc.uint8Array({ maxLength: 125 }),
});

/** One message that is to be read, in fragments, with control frames between them. */
const message = fc
  .record({
    kind: fc.constantFrom(text, text, text, binary),
    words,
    places: fc.array(fc.nat(), { maxLength: LIMITS.maxFragments - 1 }),
    between: fc.array(control, { maxLength: 2 }),
  })
  .map(({ kind, words: said, places: at, between }) => {
    const payload = Buffer.from(said);
    const parts = cut(payload, at);
    const frames = parts.flatMap((part, index): RawFrame[] => [
      { opcode: index === 0 ? kind : continuation, payload: part, fin: index === parts.length - 1 },
      ...(index === parts.length - 1 ? [] : between),
    ]);
    const whole: Heard = kind === text ? ['text', payload.toString()] : ['binary'];
    return { frames, heard: [...parts.slice(1).flatMap(() => between.map(heardOf)), whole] };
  });

function heardOf({ opcode, payload = '' }: RawFrame): Heard {
  return opcode === ping ? ['ping', Buffer.from(payload).toString('hex')] : ['pong'];
}

/** Mostly sound: what is always broken is broken by its first two bytes. */
const anyFrame: fc.Arbitrary<RawFrame> = fc.record({
  opcode: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom<number[]>(text, text, continuation, continuation, binary, ping, pong, close),
    },
    { weight: 1, arbitrary: fc.nat(15) },
  ),
  fin: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  payload: fc.oneof(
    { weight: 3, arbitrary: words.map((said) => Buffer.from(said)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 1, arbitrary: fc.nat(320).map((length) => Buffer.alloc(length, 'x')) },
  ),
  reserved: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
  masked: fc.oneof({ weight: 30, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
});

function closing(code: number, why: Buffer): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return Buffer.concat([payload, why.subarray(0, 123)]);
}

/** Of one message, which may be too many, or not end. */
const fragments: fc.Arbitrary<readonly RawFrame[]> = fc
  .record({ count: fc.integer({ min: 2, max: 7 }), ends: fc.boolean() })
  .map(({ count, ends }) =>
    Array.from({ length: count }, (_, index) => ({
      opcode: index === 0 ? text : continuation,
      payload: 'x',
      fin: ends && index === count - 1,
    })),
  );

/** On either side of each border. */
const codes = fc.constantFrom(999, 1000, 1003, 1004, 1005, 1006, 1007, 1014, 1015, 2999, 3000, 4999, 5000);
const closeFrame: fc.Arbitrary<RawFrame> = fc
  .record({ code: codes, why: fc.oneof(words, fc.uint8Array({ maxLength: 20 })) })
  .map(({ code, why }) => ({ opcode: close, payload: closing(code, Buffer.from(why)) }));

const some = fc.oneof(
  { weight: 8, arbitrary: anyFrame.map((frame) => [frame]) },
  { weight: 1, arbitrary: closeFrame.map((frame) => [frame]) },
  { weight: 1, arbitrary: fragments },
);
const stream = fc
  .array(some, { minLength: 1, maxLength: 8 })
  .map((frames) => Buffer.concat(frames.flat().map(encodeRawFrame)));
const change = fc.record({ at: fc.nat(), to: fc.nat(255) });

describe('a stream of frames', () => {
  it('is the same messages however it is cut, and nothing is held behind the last of them', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), places, (messages, at) => {
        const bytes = Buffer.concat(messages.flatMap(({ frames }) => frames.map(encodeRawFrame)));

        const { heard, held } = read(cut(bytes, at));

        expect(heard).toEqual(messages.flatMap((each) => each.heard));
        expect(held).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });

  it('is the same byte by byte', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 2 }), (messages) => {
        const bytes = Buffer.concat(messages.flatMap(({ frames }) => frames.map(encodeRawFrame)));

        expect(read([...bytes].map((byte) => Buffer.of(byte))).heard).toEqual(messages.flatMap((each) => each.heard));
      }),
      { numRuns: 200 },
    );
  });

  it('is read as the ws library reads it, sound or broken', { timeout: 120_000 }, () => {
    const ends: Record<string, number> = {};

    fc.assert(
      fc.property(stream, places, (bytes, at) => {
        const { heard } = read(cut(bytes, at));

        expect(heard).toEqual(expected(bytes));
        const [kind = 'nothing', code = ''] = heard.at(-1) ?? [];
        const end = kind === 'violated' ? `${kind} ${code}` : kind;
        ends[end] = (ends[end] ?? 0) + 1;
      }),
      { numRuns: 10_000 },
    );

    // Each of them was met.
    for (const end of ['text', 'closed', 'violated 1002', 'violated 1007', 'violated 1008', 'violated 1009']) {
      expect(ends[end], end).toBeGreaterThan(30);
    }
  });

  it('is read as the ws library reads it, with bytes changed and the end cut off', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(stream, fc.array(change, { maxLength: 3 }), fc.nat(), places, (bytes, changes, end, at) => {
        const broken = Buffer.from(bytes);
        for (const { at: place, to } of changes) broken[place % broken.length] = to;
        const part = broken.subarray(0, 1 + (end % broken.length));

        expect(read(cut(part, at)).heard).toEqual(expected(part));
      }),
      { numRuns: 10_000 },
    );
  });

  it.each([
    ['125 bytes in 16 bits', [0x81, 0xfe, 0, 125]],
    ['65 535 bytes in 64 bits', [0x81, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff]],
  ])('ends with 1002 where a length is longer written than it must be: %s', (_, head) => {
    expect(read([Buffer.from(head)]).heard).toEqual([['violated', 1002]]);
  });

  it('holds what has come of it, and not what was announced', () => {
    const frame = encodeRawFrame({ payload: 'x'.repeat(300) });
    const { held } = read([frame.subarray(0, 20)]);

    expect(held?.heldBytes).toBeLessThanOrEqual(64);
    expect(read([frame.subarray(0, 200)]).held?.heldBytes).toBeLessThanOrEqual(400);
  });
});
