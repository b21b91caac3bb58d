/** The channels of the file: name to id, and what is known of each, cached. */
import { BulkInsert } from './bulk-insert.ts';
import type { SqlDatabase, SqlStatement } from './driver.ts';
import { integer, integerOrNull } from './event-row.ts';
import type { FreshEvents } from './fresh-events.ts';

/** What the engine knows of one channel. Changed only together with the tables; after a rollback it is read anew. */
export interface ChannelState {
  readonly id: number;
  readonly name: string;
  /** Offset of the newest event ever appended. */
  head: number;
  /** Every event of a window up to here is gone from the tables. */
  floor: number;
  keepAgeMs: number | undefined;
  /** Appends since the window was last trimmed. */
  untrimmed: number;
}

/** Beyond this many the cache begins anew: it is refilled by one query a channel. A channel takes some 200 bytes. */
const MAX_CACHED = 262_144;

/**
 * Outside a transaction the cache equals the committed tables; who rolls back calls `forget`. New channels of a turn are in the
 * table after `flush`, several by one statement.
 */
export class ChannelTable {
  readonly #cache = new Map<string, ChannelState>();
  readonly #fresh: FreshEvents;
  readonly #load: SqlStatement;
  readonly #insert: BulkInsert;
  readonly #lastId: SqlStatement;
  readonly #setFloor: SqlStatement;
  readonly #setKeepAge: SqlStatement;
  /** Those that are not in the table yet. */
  #waiting: ChannelState[] = [];
  /** Of the newest channel, and of the newest in the table; undefined: not read since the last rollback. */
  #newestId: number | undefined;
  #storedId = 0;

  constructor(database: SqlDatabase, fresh: FreshEvents) {
    this.#fresh = fresh;
    this.#load = database.prepare(`
      SELECT id, floor, keep_age,
        (SELECT min(offset) FROM fanfare_places WHERE channel = c.id) AS oldest,
        (SELECT max(offset) FROM fanfare_places WHERE channel = c.id) AS last,
        (SELECT max(offset) FROM fanfare_events WHERE channel = c.id AND newest = 1) AS last_newest
      FROM fanfare_channels c WHERE name = ?`);
    this.#insert = new BulkInsert(database, 'INSERT INTO fanfare_channels (id, name, keep_age)', 3);
    this.#lastId = database.prepare('SELECT coalesce(max(id), 0) AS id FROM fanfare_channels');
    this.#setFloor = database.prepare('UPDATE fanfare_channels SET floor = ? WHERE id = ?');
    this.#setKeepAge = database.prepare('UPDATE fanfare_channels SET keep_age = ? WHERE id = ?');
  }

  /** undefined: nothing was ever appended to it. */
  find(name: string): ChannelState | undefined {
    const cached = this.#cache.get(name);
    if (cached !== undefined || this.#cache.size === this.#lastKnownId()) return cached;
    const row = this.#load.get(name);
    if (row === undefined) return undefined;
    const id = integer(row, 'id');
    const floor = integer(row, 'floor');
    const oldest = integerOrNull(row, 'oldest') ?? this.#fresh.first(id);
    const last = this.#fresh.last(id) ?? integerOrNull(row, 'last') ?? 0;
    return this.#keep({
      id,
      name,
      head: Math.max(floor, last, integerOrNull(row, 'last_newest') ?? 0),
      floor: Math.max(floor, oldest === undefined ? 0 : oldest - 1),
      keepAgeMs: integerOrNull(row, 'keep_age'),
      untrimmed: 0,
    });
  }

  findOrAdd(name: string): ChannelState {
    const found = this.find(name);
    if (found !== undefined) return found;
    const id = this.#lastKnownId() + 1;
    this.#newestId = id;
    const added = { id, name, head: 0, floor: 0, keepAgeMs: undefined, untrimmed: 0 };
    this.#waiting.push(added);
    return this.#keep(added);
  }

  /** Writes the channels that were added since the last time. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const values = this.#waiting.flatMap(({ id, name, keepAgeMs }) => [id, name, keepAgeMs ?? null]);
    this.#waiting = [];
    this.#insert.run(values);
    this.#storedId = this.#lastKnownId();
  }

  /** The rows up to `floor` were deleted. Written only when no row is left to tell the head. After `flush`. */
  raiseFloor(channel: ChannelState, floor: number): void {
    if (floor >= channel.head) this.#setFloor.run(floor, channel.id);
    channel.floor = floor;
  }

  setKeepAge(channel: ChannelState, keepAgeMs: number | undefined): void {
    if (channel.keepAgeMs === keepAgeMs) return;
    channel.keepAgeMs = keepAgeMs;
    // What is not in the table yet comes there with it.
    if (channel.id <= this.#storedId) this.#setKeepAge.run(keepAgeMs ?? null, channel.id);
  }

  /** Reads these anew at their next use; all of them when none are named. What was not in the table never was. */
  forget(names?: Iterable<string>): void {
    this.#waiting = [];
    this.#newestId = undefined;
    if (names === undefined) this.#cache.clear();
    else for (const name of names) this.#cache.delete(name);
  }

  /** Between two transactions: within one, what is cached may be ahead of the tables. */
  bound(): void {
    if (this.#cache.size > MAX_CACHED) this.#cache.clear();
  }

  /** No channel is ever deleted, so ids have no gaps: where as many are cached as the newest says, all of them are. */
  #lastKnownId(): number {
    if (this.#newestId === undefined) {
      this.#storedId = integer(this.#lastId.get(), 'id');
      this.#newestId = this.#storedId;
    }
    return this.#newestId;
  }

  #keep(channel: ChannelState): ChannelState {
    this.#cache.set(channel.name, channel);
    return channel;
  }
}
