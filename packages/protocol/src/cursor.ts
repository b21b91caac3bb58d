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

export const MAX_CHANNELS_PER_CONNECTION = 128;
export const MAX_CURSOR_LENGTH = 4096;

/** More histories than this in one cursor only happen where every channel has one of its own, with a long name. */
const MAX_EPOCHS = 90;
/**
 * Stands for a position whose epoch has no room: no history ever reaches it, so that the subscriber is told `lost`. Leaving
 * the channel out instead would lose its events in silence.
 */
const UNREACHABLE = Number.MAX_SAFE_INTEGER;
const EPOCH = /^[A-Za-z0-9]{1,16}$/;
const ENTRY = /^([A-Za-z0-9_-]{8})([0-9a-z]{1,11})$/;
const VERSION = '1';

/** Positions that a client presented. */
export interface Cursor {
  /** undefined: the cursor says nothing about this channel. */
  position(channel: string): Position | undefined;
}

interface Entry {
  /** `.hhhhhhhh`, made once per channel. */
  readonly prefix: string;
  group: Group | undefined;
}

/** The channels of one epoch; `text` is kept until one of them moves. */
interface Group {
  readonly epoch: string;
  readonly entries: Map<Entry, string>;
  text: string | undefined;
}

/** Keeps the cursor of one connection; only what moved since the last `text()` is written anew. */
export class CursorWriter {
  readonly #entries = new Map<string, Entry>();
  readonly #groups = new Map<string, Group>();

  /** @throws RangeError beyond 128 channels, TypeError on an epoch outside its alphabet. */
  set(channel: string, position: Position): void {
    const entry = this.#entries.get(channel) ?? this.#add(channel);
    if (entry.group?.epoch !== position.epoch) this.#leave(entry);
    const group = entry.group ?? this.#group(position.epoch);
    const offset = group.epoch === position.epoch ? position.offset : UNREACHABLE;
    entry.group = group;
    group.entries.set(entry, entry.prefix + offset.toString(36));
    group.text = undefined;
  }

  delete(channel: string): void {
    const entry = this.#entries.get(channel);
    if (entry === undefined) return;
    this.#entries.delete(channel);
    this.#leave(entry);
  }

  /** '' when there is no position to tell. */
  text(): string {
    if (this.#groups.size === 0) return '';
    let text = VERSION;
    for (const group of this.#groups.values()) {
      group.text ??= write(group);
      text += group.text;
    }
    return text;
  }

  #add(channel: string): Entry {
    if (this.#entries.size >= MAX_CHANNELS_PER_CONNECTION) {
      throw new RangeError(`A cursor holds at most ${MAX_CHANNELS_PER_CONNECTION} channels.`);
    }
    const entry: Entry = { prefix: `.${channelHash(channel)}`, group: undefined };
    this.#entries.set(channel, entry);
    return entry;
  }

  /** The group of the epoch; when there is no room for one more, any. */
  #group(epoch: string): Group {
    const known = this.#groups.get(epoch);
    if (known !== undefined) return known;
    if (!EPOCH.test(epoch))
      throw new TypeError(`An epoch is 1 to 16 letters and digits, got ${JSON.stringify(epoch)}.`);
    const [first] = this.#groups.size < MAX_EPOCHS ? [] : this.#groups.values();
    if (first !== undefined) return first;
    const group: Group = { epoch, entries: new Map(), text: undefined };
    this.#groups.set(epoch, group);
    return group;
  }

  #leave(entry: Entry): void {
    const { group } = entry;
    if (group === undefined) return;
    entry.group = undefined;
    group.entries.delete(entry);
    group.text = undefined;
    if (group.entries.size === 0) this.#groups.delete(group.epoch);
  }
}

export function encodeCursor(positions: ReadonlyMap<string, Position>): string {
  const writer = new CursorWriter();
  for (const [channel, position] of positions) writer.set(channel, position);
  return writer.text();
}

/** Whole or not at all: one wrong character, a channel twice, or more than the limits refuse all of it. '' knows nothing. */
export function decodeCursor(text: string): Result<Cursor> {
  const positions = text.length > MAX_CURSOR_LENGTH ? undefined : parse(text);
  if (positions === undefined) {
    return refuse({
      code: 'CURSOR_INVALID',
      field: 'cursor',
      expected: 'a cursor this server gave out',
      got: text.slice(0, 64),
    });
  }
  return accept({ position: (channel: string) => positions.get(channelHash(channel)) });
}

function parse(text: string): ReadonlyMap<string, Position> | undefined {
  const positions = new Map<string, Position>();
  if (text === '') return positions;
  const [version, ...groups] = text.split('~');
  if (version !== VERSION || groups.length === 0) return undefined;
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

function write(group: Group): string {
  let text = `~${group.epoch}`;
  for (const entry of group.entries.values()) text += entry;
  return text;
}
