/**
 * Where a client stands in many channels at once: the SSE id of a many-channel stream [PROTOCOL §3.3].
 *
 *     1~EPOCH.hhhhhhhhOFFSET.hhhhhhhhOFFSET~EPOCH.hhhhhhhhOFFSET      h: hash of the channel's name, offset in base 36
 *
 * Size by construction, in bytes: 1 version + 90 epochs x (1 + 16) + 128 channels x (1 + 8 + 11) = 4091 < 4096.
 */
import { CHANNEL_HASH_LENGTH, channelHash } from './channel-hash.ts';
import type { Position } from './position.ts';
import { accept, type Result, refuse } from './result.ts';

/** Channels [§10]. */
export const MAX_CHANNELS_PER_CONNECTION = 128;
/** Bytes, all of them ASCII [§3.3]. */
export const MAX_CURSOR_LENGTH = 4096;

/** More histories than this in one cursor only happen where every channel has one of its own, with a long name. */
export const MAX_CURSOR_EPOCHS = 90;
export const CURSOR_VERSION = '1';
export const EPOCH: RegExp = /^[A-Za-z0-9]{1,16}$/;

const ENTRY = /^[A-Za-z0-9_-]{8}[0-9a-z]{1,11}$/;

/** Positions that a client presented. */
export interface Cursor {
  /** undefined: the cursor says nothing about this channel. */
  position(channel: string): Position | undefined;
}

/** Whole or not at all: one wrong character, a channel twice, or more than the limits refuse all of it. '' knows nothing. */
export function decodeCursor(text: string): Result<Cursor> {
  const positions = text.length > MAX_CURSOR_LENGTH ? undefined : readPositions(text);
  if (positions === undefined) {
    const got = text.slice(0, 64);
    return refuse({ code: 'CURSOR_INVALID', field: 'cursor', expected: 'a cursor this server gave out', got });
  }
  return accept({ position: (channel: string) => positions.get(channelHash(channel)) });
}

/** By hash of the channel; undefined when anything at all is wrong. */
function readPositions(text: string): ReadonlyMap<string, Position> | undefined {
  const positions = new Map<string, Position>();
  if (text === '') return positions;
  const [version, ...groups] = text.split('~');
  if (version !== CURSOR_VERSION || groups.length === 0 || groups.length > MAX_CURSOR_EPOCHS) return undefined;
  const epochs = new Set<string>();
  for (const group of groups) {
    const [epoch = '', ...entries] = group.split('.');
    if (!EPOCH.test(epoch) || epochs.has(epoch) || entries.length === 0) return undefined;
    epochs.add(epoch);
    for (const entry of entries) {
      const hash = entry.slice(0, CHANNEL_HASH_LENGTH);
      const offset = ENTRY.test(entry) ? Number.parseInt(entry.slice(CHANNEL_HASH_LENGTH), 36) : Number.NaN;
      if (!Number.isSafeInteger(offset) || positions.has(hash)) return undefined;
      positions.set(hash, { epoch, offset });
    }
  }
  return positions.size > MAX_CHANNELS_PER_CONNECTION ? undefined : positions;
}
