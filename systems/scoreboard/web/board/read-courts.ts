/** The list of courts, as the open path tells it. */
import { field, isSnapshot, request } from '../api.ts';
import type { CourtLine } from './courts-feed.ts';

/** undefined: no answer that could be read. */
export async function readCourts(): Promise<readonly CourtLine[] | undefined> {
  const reply = await request('/api/courts');
  const items = reply?.status === 200 ? field(reply.body, 'items') : undefined;
  return Array.isArray(items) ? items.map(courtLine) : undefined;
}

function courtLine(item: unknown): CourtLine {
  const snapshot = field(item, 'snapshot');
  return {
    courtId: String(field(item, 'courtId')),
    name: String(field(item, 'name')),
    matchId: String(field(item, 'matchId')),
    snapshot: isSnapshot(snapshot) ? snapshot : undefined,
  };
}
