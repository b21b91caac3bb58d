/**
 * Reads what the client of a WebSocket sends [RFC 6455 §5]: bytes in; messages, control frames and violations out, the same however the bytes
 * are cut. Pure, and a connection at rest keeps nothing: what is held of one is what has come of a frame or a message that is not whole, never
 * more than twice as many bytes. Payloads are unmasked in the bytes that came.
 */
import { isUtf8 } from 'node:buffer';
import { Unfinished } from './unfinished.ts';

export interface DecoderLimits {
  /** Of one message, refused as soon as its length is known. */
  readonly maxMessageBytes: number;
  /** Of one message; at least 1. */
  readonly maxFragments: number;
}

/** Why nothing more is read, by the code to close with [RFC 6455 §7.4.1]. */
export interface Violation {
  readonly code: 1002 | 1007 | 1008 | 1009;
  /** Of ours, where it is one. */
  readonly limit?: keyof DecoderLimits;
}

/** Told in order. What it does to the connection ends no reading: it may hear more, until it was told `closed` or `violated`. */
export interface FrameReader {
  /** One whole message, valid UTF-8. */
  text(text: string): void;
  /** One whole message of another kind. */
  binary(): void;
  /** `payload`: good until this returns. */
  ping(payload: Uint8Array): void;
  pong(): void;
  /** The close frame; 1005: it had no code. Nothing behind it is read. */
  closed(code: number, reason: string): void;
  /** Nothing behind it is read. */
  violated(violation: Violation): void;
}

const CONTINUATION = 0;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const LENGTH_16 = 126;
const NO_CODE = 1005;

const PROTOCOL_ERROR: Violation = { code: 1002 };
const NOT_UTF8: Violation = { code: 1007 };
const TOO_LARGE: Violation = { code: 1009, limit: 'maxMessageBytes' };
const TOO_MANY: Violation = { code: 1008, limit: 'maxFragments' };

/** No frame is so short. */
const STOP = 0;

/** `held`: what the last call for this connection returned. Not to be called again once the reader was told the end. `bytes` are changed. */
export function decode(
  bytes: Buffer,
  held: Unfinished | undefined,
  to: { readonly limits: DecoderLimits; readonly reader: FrameReader },
): Unfinished | undefined {
  return new Decoding(held, to.limits, to.reader).read(bytes);
}

class Decoding {
  #held: Unfinished | undefined;
  readonly #limits: DecoderLimits;
  readonly #reader: FrameReader;

  constructor(held: Unfinished | undefined, limits: DecoderLimits, reader: FrameReader) {
    this.#held = held;
    this.#limits = limits;
    this.#reader = reader;
  }

  read(bytes: Buffer): Unfinished | undefined {
    let at = this.#held?.isInFrame === true ? this.#goOn(this.#held, bytes) : 0;
    while (at >= 0 && at < bytes.length) {
      const step = this.#frame(bytes, at, bytes.length);
      if (step === STOP) return undefined;
      if (step < 0) {
        this.#held ??= new Unfinished();
        this.#held.hold(bytes.subarray(at), -step);
        break;
      }
      at += step;
    }
    return at < 0 || this.#held?.isEmpty === true ? undefined : this.#held;
  }

  /** Completes the frame that was begun. Returns where the next one begins, or -1: nothing more is read. */
  #goOn(held: Unfinished, bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && held.isInFrame) {
      const part = bytes.subarray(at, at + held.missing);
      at += part.length;
      const frame = held.extend(part);
      const step = this.#frame(frame, 0, frame.length);
      if (step === STOP) return -1;
      held.missing = -step;
      if (step > 0) held.endFrame();
    }
    return at;
  }

  /** Reads one frame. Returns its length; negative: so many bytes at least are missing; STOP. */
  #frame(bytes: Buffer, at: number, end: number): number {
    const has = end - at;
    if (has < 2) return has - 2;
    const first = bytes.readUInt8(at);
    const second = bytes.readUInt8(at + 1);
    if (!this.#mayBegin(first, second)) return this.#refuse(PROTOCOL_ERROR);
    const short = second & ~MASKED;
    const beforeMask = short < LENGTH_16 ? 2 : short === LENGTH_16 ? 4 : 10;
    if (has < beforeMask) return has - beforeMask;
    const length = short < LENGTH_16 ? short : longLength(bytes, at, short);
    if (length < 0) return this.#refuse(PROTOCOL_ERROR);
    const opcode = first & 0x0f;
    const before = this.#held?.length ?? 0;
    if (opcode < CLOSE && before + length > this.#limits.maxMessageBytes) return this.#refuse(TOO_LARGE);
    const start = at + beforeMask + 4;
    if (end < start + length) return end - start - length;
    const isAscii = unmask(bytes, start, start + length);
    const isOver =
      opcode >= CLOSE
        ? this.#control(opcode, bytes.subarray(start, start + length))
        : this.#data(first, bytes.subarray(start, start + length), isAscii);
    return isOver ? STOP : start + length - at;
  }

  /** What its first two bytes say of a frame [RFC 6455 §5.2, §5.4, §5.5]. */
  #mayBegin(first: number, second: number): boolean {
    if ((first & RESERVED) !== 0 || (second & MASKED) === 0) return false;
    const opcode = first & 0x0f;
    if (opcode < CLOSE) return opcode <= 2 && (opcode === CONTINUATION) === (this.#held?.isInMessage === true);
    const length = second & ~MASKED;
    return opcode <= PONG && (first & FIN) !== 0 && length < LENGTH_16 && (opcode !== CLOSE || length !== 1);
  }

  /** Returns whether nothing more is read. */
  #control(opcode: number, payload: Buffer): boolean {
    if (opcode === PING) this.#reader.ping(payload);
    else if (opcode === PONG) this.#reader.pong();
    else return this.#close(payload);
    return false;
  }

  #close(payload: Buffer): boolean {
    const code = payload.length === 0 ? NO_CODE : payload.readUInt16BE();
    const reason = payload.subarray(2);
    if (payload.length > 0 && !mayBeSent(code)) this.#reader.violated(PROTOCOL_ERROR);
    else if (!isUtf8(reason)) this.#reader.violated(NOT_UTF8);
    else this.#reader.closed(code, reason.toString('utf8'));
    return true;
  }

  #data(first: number, payload: Buffer, isAscii: boolean): boolean {
    const isLast = (first & FIN) !== 0;
    const opcode = first & 0x0f;
    if (opcode !== CONTINUATION && isLast) return this.#message(opcode, payload, isAscii);
    this.#held ??= new Unfinished();
    const held = this.#held;
    held.addFragment(opcode, payload);
    if (held.fragments > this.#limits.maxFragments) return this.#refuse(TOO_MANY) === STOP;
    if (!isLast) return false;
    const kind = held.opcode;
    return this.#message(kind, held.endMessage(), false);
  }

  #message(opcode: number, payload: Buffer, isAscii: boolean): boolean {
    if (opcode !== TEXT) this.#reader.binary();
    else if (isAscii) this.#reader.text(payload.toString('latin1'));
    else if (isUtf8(payload)) this.#reader.text(payload.toString('utf8'));
    else return this.#refuse(NOT_UTF8) === STOP;
    return false;
  }

  #refuse(violation: Violation): typeof STOP {
    this.#reader.violated(violation);
    return STOP;
  }
}

/** Negative: it was written in more bytes than it takes, which must not be. */
function longLength(bytes: Buffer, at: number, short: number): number {
  if (short === LENGTH_16) {
    const length = bytes.readUInt16BE(at + 2);
    return length < LENGTH_16 ? -1 : length;
  }
  const length = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
  return length < 2 ** 16 ? -1 : length;
}

/** Unmasks in place, by the key in the four bytes before `start`. Is all of it ASCII? Then it is UTF-8 as well. */
function unmask(bytes: Buffer, start: number, end: number): boolean {
  const key = bytes.readUInt32BE(start - 4);
  let seen = 0;
  for (let at = start, shift = 24; at < end; at += 1, shift = (shift - 8) & 31) {
    const byte = (bytes[at] ?? 0) ^ ((key >>> shift) & 0xff);
    bytes[at] = byte;
    seen |= byte;
  }
  return seen < 0x80;
}

/** RFC 6455 §7.4, and the registry of IANA. */
function mayBeSent(code: number): boolean {
  return (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);
}
