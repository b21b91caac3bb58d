/** Rules about positions that every engine shares: epochs, gaps, what text can be kept. */
import { randomInt } from 'node:crypto';
import type { GapCause, Position } from '@fanfare/protocol';
import type { AppendRequest } from '../core/ports/broker.ts';

const EPOCH_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Names a new history: eight random characters, one in 2 x 10^14 to meet an old one. */
export function newEpoch(): string {
  return Array.from({ length: 8 }, () => EPOCH_ALPHABET[randomInt(EPOCH_ALPHABET.length)]).join('');
}

/** Why nothing can be read after a position, whatever is kept; undefined: it is a point of this history. */
export function gapBefore(after: Position, head: Position): GapCause | undefined {
  if (after.epoch !== head.epoch) return 'epoch';
  if (!Number.isSafeInteger(after.offset) || after.offset < 0) return 'invalid';
  return after.offset > head.offset ? 'ahead' : undefined;
}

/** Half of a surrogate pair: UTF-8 cannot hold it. */
const HALF_PAIR = /\p{Cs}/u;
const NOT_KEEPABLE = 'A key holds NUL or half of a surrogate pair.';

/** Throws TypeError for a key that a database would not give back as it was: with NUL, or half of a surrogate pair. */
export function assertKeepable(request: AppendRequest): void {
  const { key, idempotencyKey = '' } = request;
  // Most appends have neither.
  if (key !== '' && !isKeepable(key)) throw new TypeError(NOT_KEEPABLE);
  if (idempotencyKey !== '' && !isKeepable(idempotencyKey)) throw new TypeError(NOT_KEEPABLE);
}

function isKeepable(text: string): boolean {
  return !text.includes('\0') && !HALF_PAIR.test(text);
}
