/** Reads a trail from its end, for people: the newest first, and only what they look for. */
import { decodePosition, encodePosition, type Position } from '@fanfare/protocol';
import type { Broker, Retention, StoredEvent } from '../core/index.ts';

export interface TrailSearch {
  /** Older than this entry, by its position. @default from the newest on */
  readonly before?: string | undefined;
  /** 1 to 1000. @default 100 */
  readonly limit?: number | undefined;
}

export interface FoundEvents {
  /** Newest first. */
  readonly events: readonly StoredEvent[];
  /** The next `before`; undefined: there is nothing older. */
  readonly older: string | undefined;
}

export interface SearchedTrail {
  readonly broker: Pick<Broker, 'read' | 'head'>;
  readonly channel: string;
  readonly retention: Retention;
  /** Is it what is looked for? */
  readonly fits: (event: StoredEvent) => boolean;
}

const PAGE = 1000;

/** Rejects with EngineUnavailable, and with a RangeError for a position that is none. */
export async function searchTrail(trail: SearchedTrail, { before, limit = 100 }: TrailSearch): Promise<FoundEvents> {
  const events: StoredEvent[] = [];
  let end = before === undefined ? undefined : positionOf(before);
  for (;;) {
    end ??= behind(await trail.broker.head(trail.channel));
    const page = await pageBefore(trail, end);
    for (const event of page.reverse()) {
      if (trail.fits(event)) events.push(event);
      const { epoch, offset } = event;
      end = { epoch, offset };
      if (events.length === limit) return { events, older: offset > 1 ? encodePosition(end) : undefined };
    }
    if (page.length === 0 || end.offset <= 1) return { events, older: undefined };
  }
}

/** Oldest first; what is not kept any more is left out. */
async function pageBefore({ broker, channel, retention }: SearchedTrail, end: Position): Promise<StoredEvent[]> {
  const from = end.offset - 1 - PAGE;
  const wanted = { channel, retention, limit: PAGE };
  const after = from > 0 ? { epoch: end.epoch, offset: from } : undefined;
  const page = await broker.read({ ...wanted, after });
  const found = page.kind === 'gap' ? await broker.read({ ...wanted, after: undefined }) : page;
  if (found.kind === 'gap') return [];
  return found.events.filter(({ epoch, offset }) => epoch === end.epoch && offset < end.offset);
}

function behind({ epoch, offset }: Position): Position {
  return { epoch, offset: offset + 1 };
}

function positionOf(text: string): Position {
  const position = decodePosition(text);
  if (!position.ok) throw new RangeError('before: a position of this trail');
  return position.value;
}
