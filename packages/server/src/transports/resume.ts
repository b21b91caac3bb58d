/** Which channels a request names, and where its client says it stands in each [PROTOCOL §6.3]. */
import {
  decodeCursor,
  decodePosition,
  MAX_CHANNELS_PER_CONNECTION,
  type Position,
  parseChannelName,
} from '@fanfare/protocol';
import { errorOf, FanfareError } from '../channels/fanfare-error.ts';

/** By channel; a channel without an entry begins now. 'invalid': what was presented for it is no position of ours. */
export type ResumePoint = ReadonlyMap<string, Position | 'invalid'>;

/** Distinct names, each with the position that `channel=NAME@POSITION` gives it, '' where it gives none. */
export type NamedChannels = ReadonlyMap<string, string>;

/** Where texts of where a client stands may be; '' where there is none. The first that knows a channel decides for it. */
export interface Presented {
  /** Newer than anything in the URL: an EventSource repeats its URL on every reconnect. */
  readonly lastEventId?: string | readonly string[] | undefined;
  /** `?cursor=`. A position of the one channel, or a compound cursor. */
  readonly cursor: string | null;
}

const BEGINS_NOW: ResumePoint = new Map();

/** The `channel` parameters of a query, at most `max`. Throws CHANNEL_MISSING, TOO_MANY_CHANNELS, CHANNEL_NAME_INVALID. */
export function namedChannels(query: URLSearchParams, max: number = MAX_CHANNELS_PER_CONNECTION): NamedChannels {
  const named = new Map<string, string>();
  for (const text of query.getAll('channel')) {
    const at = text.indexOf('@');
    const name = at === -1 ? text : text.slice(0, at);
    const position = at === -1 ? '' : text.slice(at + 1);
    if (position !== '' || !named.has(name)) named.set(name, position);
  }
  if (named.size === 0) throw new FanfareError('CHANNEL_MISSING');
  if (named.size > max) {
    throw new FanfareError('TOO_MANY_CHANNELS', { details: { limit: max } });
  }
  for (const name of named.keys()) {
    const parsed = parseChannelName(name);
    if (!parsed.ok) throw errorOf(parsed.problem);
  }
  return named;
}

/** Garbage is no error: its channel is told that what was presented is invalid. */
export function resumePoint(named: NamedChannels, presented: Presented): ResumePoint {
  const { lastEventId, cursor } = presented;
  const names = [...named.keys()];
  const newest = readCursor(typeof lastEventId === 'string' ? lastEventId : '', names);
  const oldest = readCursor(cursor ?? '', names);
  const resume = new Map<string, Position | 'invalid'>();
  for (const [name, text] of named) {
    const position = newest.get(name) ?? readPosition(text) ?? oldest.get(name);
    if (position !== undefined) resume.set(name, position);
  }
  return resume;
}

/** What a connection may say of where its client stands. */
export function knownPositions(resume: ResumePoint): ReadonlyMap<string, Position> {
  const known = new Map<string, Position>();
  for (const [name, position] of resume) if (position !== 'invalid') known.set(name, position);
  return known;
}

/** A position of the one channel, or a compound cursor: then it speaks of those channels only that it names. */
export function readCursor(text: string, names: readonly string[]): ResumePoint {
  if (text === '') return BEGINS_NOW;
  const [only] = names;
  if (only !== undefined && names.length === 1) {
    const position = decodePosition(text);
    if (position.ok) return new Map([[only, position.value]]);
  }
  const cursor = decodeCursor(text);
  if (!cursor.ok) return new Map(names.map((name) => [name, 'invalid']));
  const positions = new Map<string, Position | 'invalid'>();
  for (const name of names) {
    const position = cursor.value.position(name);
    if (position !== undefined) positions.set(name, position);
  }
  return positions;
}

function readPosition(text: string): Position | 'invalid' | undefined {
  if (text === '') return undefined;
  const position = decodePosition(text);
  return position.ok ? position.value : 'invalid';
}
