/** Events in the tables: append, read, trim. Every method runs at once, inside whatever transaction is open. */
import {
  type AppendRequest,
  EngineUnavailable,
  type ReadOutcome,
  type ReadRequest,
  type Retention,
  type StoredEvent,
} from '../../core/ports/broker.ts';
import { gapBefore } from '../history.ts';
import type { ChannelState, ChannelTable } from './channel-table.ts';
import type { SqlDatabase, SqlStatement } from './driver.ts';
import { eventSum, integer, parseEvent, type RowPlace } from './event-row.ts';

type Window = Extract<Retention, { readonly kind: 'window' }>;
type Head = ReadOutcome['head'];

/** Every so many appends to a channel, up to four times as many old rows go: amortised, and no delete is long. */
const TRIM_EVERY = 64;
const TRIM_ROWS = 256;

const COLUMNS = '(channel, newest, offset, time, event, key, data, sum) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';

export class EventStore {
  readonly #channels: ChannelTable;
  readonly #epoch: string;
  readonly #insert: SqlStatement;
  readonly #upsert: SqlStatement;
  readonly #page: SqlStatement;
  readonly #firstSince: SqlStatement;
  readonly #deleteUpTo: SqlStatement;

  constructor(database: SqlDatabase, channels: ChannelTable, epoch: string) {
    this.#channels = channels;
    this.#epoch = epoch;
    this.#insert = database.prepare(`INSERT INTO fanfare_events ${COLUMNS}`);
    this.#upsert = database.prepare(`INSERT INTO fanfare_events ${COLUMNS}
      ON CONFLICT (channel, key) WHERE newest = 1 DO UPDATE SET
        offset = excluded.offset, time = excluded.time, event = excluded.event, data = excluded.data, sum = excluded.sum`);
    this.#page = database.prepare(`SELECT offset, time, event, key, data, sum FROM fanfare_events
      WHERE channel = ? AND newest = ? AND offset > ? ORDER BY offset LIMIT ?`);
    this.#firstSince = database.prepare(`SELECT offset FROM fanfare_events
      WHERE channel = ? AND newest = 0 AND offset > ? AND offset <= ? AND time >= ? ORDER BY offset LIMIT 1`);
    this.#deleteUpTo = database.prepare('DELETE FROM fanfare_events WHERE channel = ? AND newest = 0 AND offset <= ?');
  }

  append(channel: ChannelState, request: AppendRequest, time: number): StoredEvent {
    const { event, dataJson, key, retention } = request;
    const stored = { channel: channel.name, event, dataJson, key, epoch: this.#epoch, offset: channel.head + 1, time };
    const newest = retention.kind === 'newest';
    const sum = eventSum(channel.id, stored);
    (newest ? this.#upsert : this.#insert).run(
      channel.id,
      newest ? 1 : 0,
      stored.offset,
      time,
      event,
      key,
      dataJson,
      sum,
    );
    channel.head = stored.offset;
    this.#channels.setKeepAge(channel, newest ? undefined : retention.ageMs);
    if (retention.kind === 'window' && ++channel.untrimmed >= TRIM_EVERY) this.trim(channel, retention, time);
    return stored;
  }

  read(channel: ChannelState | undefined, request: ReadRequest, now: number): ReadOutcome {
    const head = { epoch: this.#epoch, offset: channel?.head ?? 0 };
    const cause = request.after === undefined ? undefined : gapBefore(request.after, head);
    if (cause !== undefined) return { kind: 'gap', cause, head };
    if (channel === undefined) return { kind: 'events', events: [], head, more: false };
    if (request.retention.kind === 'newest') return this.#readNewest(channel, request, head);
    return this.#readWindow(channel, request.retention, {
      after: request.after?.offset,
      limit: request.limit,
      head,
      now,
    });
  }

  /** Deletes one batch of rows outside the window; true: another may follow. */
  trim(channel: ChannelState, keep: { readonly count?: number; readonly ageMs?: number }, now: number): boolean {
    channel.untrimmed = 0;
    const limit = Math.min(channel.floor + TRIM_ROWS, channel.head);
    let target = keep.count === undefined ? channel.floor : Math.min(channel.head - keep.count, limit);
    if (keep.ageMs !== undefined) {
      const kept = this.#firstSince.get(channel.id, channel.floor, limit, now - keep.ageMs);
      target = Math.max(target, kept === undefined ? limit : integer(kept, 'offset') - 1);
    }
    if (target <= channel.floor) return false;
    this.#deleteUpTo.run(channel.id, target);
    this.#channels.raiseFloor(channel, target);
    return target === limit && target < channel.head;
  }

  #readWindow(channel: ChannelState, window: Window, at: WindowRead): ReadOutcome {
    const cutoff = window.ageMs === undefined ? Number.NEGATIVE_INFINITY : at.now - window.ageMs;
    const floor = window.count === undefined ? channel.floor : Math.max(channel.floor, channel.head - window.count);
    if (at.after !== undefined) {
      const run = at.after < floor ? undefined : this.#scan(channel, at.after, at.limit);
      const whole = run !== undefined && run.brokenAt === undefined && (run.events[0]?.time ?? cutoff) >= cutoff;
      return whole ? page(run.events, at) : { kind: 'gap', cause: 'trimmed', head: at.head };
    }
    let start = floor;
    if (window.ageMs !== undefined) {
      const first = this.#firstSince.get(channel.id, floor, channel.head, cutoff);
      start = first === undefined ? channel.head : integer(first, 'offset') - 1;
    }
    for (;;) {
      const run = this.#scan(channel, start, at.limit);
      if (run.brokenAt === undefined) return page(run.events, at);
      start = run.brokenAt;
    }
  }

  #readNewest(channel: ChannelState, request: ReadRequest, head: Head): ReadOutcome {
    const rows = this.#page.all(channel.id, 1, request.after?.offset ?? 0, request.limit + 1);
    const events = rows.map((row) => {
      const event = parseEvent(row, this.#placeOf(channel));
      if (event !== undefined) return event;
      throw new EngineUnavailable(
        `A kept value of ${channel.name} is damaged in the database file; setting it anew repairs it.`,
      );
    });
    return page(events, { limit: request.limit, head });
  }

  /**
   * The run of events after an offset, one more than `limit` where there are more. `brokenAt`: the run has a hole or a
   * damaged row there; what is whole begins after it at the earliest.
   */
  #scan(
    channel: ChannelState,
    after: number,
    limit: number,
  ): { readonly events: StoredEvent[]; readonly brokenAt?: number } {
    const events: StoredEvent[] = [];
    const rows = this.#page.all(channel.id, 0, after, limit + 1);
    for (const row of rows) {
      const expected = after + events.length + 1;
      const event = parseEvent(row, this.#placeOf(channel));
      if (event === undefined) return { events, brokenAt: expected };
      if (event.offset !== expected) return { events, brokenAt: event.offset - 1 };
      events.push(event);
    }
    const ended = rows.length <= limit;
    return ended && after + events.length < channel.head ? { events, brokenAt: channel.head } : { events };
  }

  #placeOf(channel: ChannelState): RowPlace {
    return { channelId: channel.id, channel: channel.name, epoch: this.#epoch };
  }
}

interface WindowRead {
  readonly after: number | undefined;
  readonly limit: number;
  readonly head: Head;
  readonly now: number;
}

function page(events: StoredEvent[], at: { readonly limit: number; readonly head: Head }): ReadOutcome {
  return { kind: 'events', events: events.slice(0, at.limit), head: at.head, more: events.length > at.limit };
}
