/** Where a client says it stands: `Last-Event-ID` of a native EventSource, or `?cursor=` on the first connect [PROTOCOL §6.2]. */
import type { IncomingMessage } from 'node:http';
import { decodeCursor, decodePosition, type Position } from '@fanfare/protocol';

/** By channel; a channel without an entry begins now. 'invalid': what was presented is no cursor of ours. */
export type ResumePoint = ReadonlyMap<string, Position> | 'invalid';

const BEGINS_NOW: ResumePoint = new Map();

/** The header is newer than the URL: an EventSource repeats its URL on every reconnect. */
export function resumePoint(req: IncomingMessage, query: URLSearchParams, channels: readonly string[]): ResumePoint {
  const header = req.headers['last-event-id'];
  const text = typeof header === 'string' && header !== '' ? header : (query.get('cursor') ?? '');
  if (text === '') return BEGINS_NOW;
  const [only] = channels;
  if (only !== undefined && channels.length === 1) {
    const position = decodePosition(text);
    if (position.ok) return new Map([[only, position.value]]);
  }
  const cursor = decodeCursor(text);
  if (!cursor.ok) return 'invalid';
  const positions = new Map<string, Position>();
  for (const channel of channels) {
    const position = cursor.value.position(channel);
    if (position !== undefined) positions.set(channel, position);
  }
  return positions;
}
