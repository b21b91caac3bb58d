/** What every event carries: its number and when it was published, so that each delivery can be counted, checked and timed. */

/** Begins the stamp; a character that no header, id or frame of the servers has much of. */
export const STAMP_BYTE = 0x5e;
const SEQUENCE_DIGITS = 8;
const TIME_DIGITS = 14;
/** `^` + number + microseconds + `!` */
export const STAMP_LENGTH = 1 + SEQUENCE_DIGITS + TIME_DIGITS + 1;
const END_BYTE = 0x21;

/** Microseconds of this process. */
export function nowUs() {
  return Math.round(performance.now() * 1000);
}

/** A JSON object of `bytes` bytes, with a few members, as applications send them. */
export function stampedJson(sequence, timeUs, bytes) {
  const stamp = `^${String(sequence).padStart(SEQUENCE_DIGITS, '0')}${String(timeUs).padStart(TIME_DIGITS, '0')}!`;
  const [open, close] = [`{"key":"${stamp}","user":"user-17","text":"`, '"}'];
  return `${open.padEnd(bytes - close.length, 'x')}${close}`;
}

/** Over the stamp that begins at `at`. */
export function writeStamp(bytes, at, sequence, timeUs) {
  writeDigits(bytes, at + 1, SEQUENCE_DIGITS, sequence);
  writeDigits(bytes, at + 1 + SEQUENCE_DIGITS, TIME_DIGITS, timeUs);
}

export function writeDigits(bytes, from, count, value) {
  let left = value;
  for (let index = from + count - 1; index >= from; index -= 1) {
    const more = Math.floor(left / 10);
    bytes[index] = 0x30 + (left - more * 10);
    left = more;
  }
}

/** The number in the stamp that begins at `at`; -1 where none stands. */
export function sequenceAt(bytes, at) {
  return bytes[at + STAMP_LENGTH - 1] === END_BYTE ? digits(bytes, at + 1, SEQUENCE_DIGITS) : -1;
}

export function timeAt(bytes, at) {
  return digits(bytes, at + 1 + SEQUENCE_DIGITS, TIME_DIGITS);
}

function digits(bytes, from, count) {
  let value = 0;
  for (let index = from; index < from + count; index += 1) {
    const digit = bytes[index] - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
