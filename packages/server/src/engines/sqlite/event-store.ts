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
import { BulkInsert } from './bulk-insert.ts';
import type { ChannelState, ChannelTable } from './channel-table.ts';
import type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from './driver.ts';
import { eventSum, integer, parseEvent, type RowPlace } from './event-row.ts';
import type { FreshEvents } from './fresh-events.ts';

type Window = Extract<Retention, { readonly kind: 'window' }>;
type Head = ReadOutcome['head'];

/** Every so many appends to a channel, up to four times as many old rows go: amortised, and no delete is long. */
const TRIM_EVERY = 64;
const TRIM_ROWS = 256;

const INSERT = 'INSERT INTO fanfare_events (id, channel, newest, offset, time, event, key, data, sum)';
const COLUMNS = 9;
const WANTED = 'e.offset AS offset, e.time AS time, e.event AS event, e.key AS key, e.data AS data, e.sum AS sum';
/** Of the events of one channel: those that have a place, by offset. */
const PLACED = 'FROM fanfare_places p CROSS JOIN fanfare_events e ON e.id = p.id WHERE p.channel = ? AND p.offset > ?';
/** Those of a list of row ids. */
const LISTED = 'FROM fanfare_events e WHERE e.id IN (SELECT value FROM json_each(?))';

export class EventStore {
  readonly #channels: ChannelTable;
  readonly #fresh: FreshEvents;
  readonly #epoch: string;
  readonly #insert: BulkInsert;
  readonly #upsert: SqlStatement;
  readonly #lastId: SqlStatement;
  readonly #placed: SqlStatement;
  readonly #listed: SqlStatement;
  readonly #newest: SqlStatement;
  readonly #firstPlacedSince: SqlStatement;
  readonly #firstListedSince: SqlStatement;
  readonly #deletePlaced: SqlStatement;
  readonly #deletePlaces: SqlStatement;
  readonly #deleteListed: SqlStatement;
  /** Rows of the turn that are not in the table yet. */
  #waiting: { readonly values: SqlValue[]; readonly events: { channel: number; offset: number; id: number }[] } =
    none();
  /** Of the newest row; undefined: not read since the last rollback. */
  #newestId: number | undefined;
  #changes = 0;

  constructor(database: SqlDatabase, parts: EventStoreParts) {
    this.#channels = parts.channels;
    this.#fresh = parts.fresh;
    this.#epoch = parts.epoch;
    this.#insert = new BulkInsert(database, INSERT, COLUMNS);
    this.#upsert = database.prepare(`${INSERT} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (channel, key) WHERE newest = 1 DO UPDATE SET
        offset = excluded.offset, time = excluded.time, event = excluded.event, data = excluded.data, sum = excluded.sum`);
    this.#lastId = database.prepare(`SELECT max(coalesce((SELECT max(id) FROM fanfare_events), 0),
      coalesce((SELECT value FROM fanfare_meta WHERE name = 'placed'), 0)) AS id`);
    this.#placed = database.prepare(`SELECT ${WANTED} ${PLACED} ORDER BY p.offset LIMIT ?`);
    this.#listed = database.prepare(`SELECT ${WANTED} ${LISTED} ORDER BY e.offset`);
    this.#newest = database.prepare(`SELECT ${WANTED} FROM fanfare_events e
      WHERE channel = ? AND newest = 1 AND offset > ? ORDER BY offset LIMIT ?`);
    this.#firstPlacedSince = database.prepare(`SELECT p.offset AS offset ${PLACED}
      AND p.offset <= ? AND e.time >= ? ORDER BY p.offset LIMIT 1`);
    this.#firstListedSince = database.prepare(
      `SELECT e.offset AS offset ${LISTED} AND e.time >= ? ORDER BY e.offset LIMIT 1`,
    );
    this.#deletePlaced = database.prepare(`DELETE FROM fanfare_events
      WHERE id IN (SELECT id FROM fanfare_places WHERE channel = ? AND offset <= ?)`);
    this.#deletePlaces = database.prepare('DELETE FROM fanfare_places WHERE channel = ? AND offset <= ?');
    this.#deleteListed = database.prepare('DELETE FROM fanfare_events WHERE id IN (SELECT value FROM json_each(?))');
  }

  /** It is in the table after `flush`, which belongs to the same transaction. */
  append(channel: ChannelState, request: AppendRequest, time: number): StoredEvent {
    const { event, dataJson, key, retention } = request;
    const stored = { channel: channel.name, event, dataJson, key, epoch: this.#epoch, offset: channel.head + 1, time };
    const newest = retention.kind === 'newest';
    const sum = eventSum(channel.id, stored);
    const id = this.#nextId();
    if (newest) this.#upsert.run(id, channel.id, 1, stored.offset, time, event, key, dataJson, sum);
    else {
      this.#waiting.values.push(id, channel.id, 0, stored.offset, time, event, key, dataJson, sum);
      this.#waiting.events.push({ channel: channel.id, offset: stored.offset, id });
    }
    channel.head = stored.offset;
    this.#channels.setKeepAge(channel, newest ? undefined : retention.ageMs);
    if (retention.kind === 'window' && ++channel.untrimmed >= TRIM_EVERY) {
      this.flush();
      this.trim(channel, retention, time);
    }
    return stored;
  }

  /** Writes what was appended since the last time, and the channels that were made for it. */
  flush(): void {
    this.#channels.flush();
    const { values, events } = this.#waiting;
    if (events.length === 0) return;
    this.#waiting = none();
    this.#changes += 1;
    this.#fresh.ready();
    this.#insert.run(values);
    for (const { channel, offset, id } of events) this.#fresh.add(channel, offset, id);
    this.#fresh.keepUp(events.length, this.#newestId ?? 0);
  }

  /** Gives its place to every event. Inside a transaction. */
  placeAll(): void {
    if (this.#fresh.size > 0) this.#fresh.place(this.#fresh.size, this.#nextId() - 1);
  }

  /** When the oldest event of a channel was appended that has no place yet; undefined: there is none. */
  oldestFresh(channel: number): number | undefined {
    const first = this.#fresh.first(channel);
    if (first === undefined) return undefined;
    const [row] = this.#listed.all(JSON.stringify(this.#fresh.ids(channel, first, first)));
    return row === undefined ? undefined : integer(row, 'time');
  }

  /** Where the tables stand, for `backTo`. */
  get mark(): number {
    return this.#changes;
  }

  /** After a rollback to where the mark was taken, when nothing waited. */
  backTo(mark: number): void {
    if (mark === this.#changes) this.#waiting = none();
    else this.forget();
  }

  /** After a rollback: reads anew what is known of the tables. */
  forget(): void {
    this.#waiting = none();
    this.#fresh.forget();
    this.#newestId = undefined;
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

  /** Deletes one batch of rows outside the window; true: another may follow. Inside a transaction, after `flush`. */
  trim(channel: ChannelState, keep: { readonly count?: number; readonly ageMs?: number }, now: number): boolean {
    channel.untrimmed = 0;
    const limit = Math.min(channel.floor + TRIM_ROWS, channel.head);
    let target = keep.count === undefined ? channel.floor : Math.min(channel.head - keep.count, limit);
    if (keep.ageMs !== undefined) {
      target = Math.max(target, this.#firstSince(channel, limit, now - keep.ageMs) - 1);
    }
    if (target <= channel.floor) return false;
    this.#delete(channel, target);
    this.#channels.raiseFloor(channel, target);
    return target === limit && target < channel.head;
  }

  #delete(channel: ChannelState, upTo: number): void {
    this.#changes += 1;
    const fresh = this.#fresh.first(channel.id);
    // What had no place never needs one.
    const listed = this.#fresh.drop(channel.id, upTo);
    if (listed.length > 0) this.#deleteListed.run(JSON.stringify(listed));
    if (fresh !== undefined && fresh <= channel.floor + 1) return;
    this.#deletePlaced.run(channel.id, upTo);
    this.#deletePlaces.run(channel.id, upTo);
  }

  /** Offset of the first event after the floor and up to `limit` that is not older; the one after `limit` where none is. */
  #firstSince(channel: ChannelState, limit: number, time: number): number {
    const { id, floor } = channel;
    const listed = this.#fresh.ids(id, floor + 1, limit);
    const found =
      this.#firstPlacedSince.get(id, floor, limit, time) ??
      (listed.length === 0 ? undefined : this.#firstListedSince.get(JSON.stringify(listed), time));
    return found === undefined ? limit + 1 : integer(found, 'offset');
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
      start = this.#firstSince({ ...channel, floor }, channel.head, cutoff) - 1;
    }
    for (;;) {
      const run = this.#scan(channel, start, at.limit);
      if (run.brokenAt === undefined) return page(run.events, at);
      start = run.brokenAt;
    }
  }

  #readNewest(channel: ChannelState, request: ReadRequest, head: Head): ReadOutcome {
    const rows = this.#newest.all(channel.id, request.after?.offset ?? 0, request.limit + 1);
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
    const rows = this.#rows(channel, after, limit + 1);
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

  #rows(channel: ChannelState, after: number, most: number): readonly SqlRow[] {
    const placed = this.#placed.all(channel.id, after, most);
    const listed = this.#fresh.ids(channel.id, after + 1, channel.head).slice(0, most - placed.length);
    return listed.length === 0 ? placed : [...placed, ...this.#listed.all(JSON.stringify(listed))];
  }

  #nextId(): number {
    this.#newestId = (this.#newestId ?? integer(this.#lastId.get(), 'id')) + 1;
    return this.#newestId;
  }

  #placeOf(channel: ChannelState): RowPlace {
    return { channelId: channel.id, channel: channel.name, epoch: this.#epoch };
  }
}

export interface EventStoreParts {
  readonly channels: ChannelTable;
  readonly fresh: FreshEvents;
  readonly epoch: string;
}

function none(): { values: SqlValue[]; events: { channel: number; offset: number; id: number }[] } {
  return { values: [], events: [] };
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
