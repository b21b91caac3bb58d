/** The channels of the file: name to id, and what is known of each, cached. */
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

/** Outside a transaction the cache equals the committed tables; who rolls back calls `forget`. */
export class ChannelTable {
  readonly #cache = new Map<string, ChannelState>();
  readonly #fresh: FreshEvents;
  readonly #load: SqlStatement;
  readonly #insert: SqlStatement;
  readonly #setFloor: SqlStatement;
  readonly #setKeepAge: SqlStatement;

  constructor(database: SqlDatabase, fresh: FreshEvents) {
    this.#fresh = fresh;
    this.#load = database.prepare(`
      SELECT id, floor, keep_age,
        (SELECT min(offset) FROM fanfare_places WHERE channel = c.id) AS oldest,
        (SELECT max(offset) FROM fanfare_places WHERE channel = c.id) AS last,
        (SELECT max(offset) FROM fanfare_events WHERE channel = c.id AND newest = 1) AS last_newest
      FROM fanfare_channels c WHERE name = ?`);
    this.#insert = database.prepare('INSERT INTO fanfare_channels (name) VALUES (?)');
    this.#setFloor = database.prepare('UPDATE fanfare_channels SET floor = ? WHERE id = ?');
    this.#setKeepAge = database.prepare('UPDATE fanfare_channels SET keep_age = ? WHERE id = ?');
  }

  /** undefined: nothing was ever appended to it. */
  find(name: string): ChannelState | undefined {
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached;
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
    const { lastInsertRowid } = this.#insert.run(name);
    return this.#keep({ id: lastInsertRowid, name, head: 0, floor: 0, keepAgeMs: undefined, untrimmed: 0 });
  }

  /** The rows up to `floor` were deleted. Written only when no row is left to tell the head. */
  raiseFloor(channel: ChannelState, floor: number): void {
    if (floor >= channel.head) this.#setFloor.run(floor, channel.id);
    channel.floor = floor;
  }

  setKeepAge(channel: ChannelState, keepAgeMs: number | undefined): void {
    if (channel.keepAgeMs === keepAgeMs) return;
    this.#setKeepAge.run(keepAgeMs ?? null, channel.id);
    channel.keepAgeMs = keepAgeMs;
  }

  /** Reads these anew at their next use; all of them when none are named. */
  forget(names?: Iterable<string>): void {
    if (names === undefined) this.#cache.clear();
    else for (const name of names) this.#cache.delete(name);
  }

  /** Between two transactions: within one, what is cached may be ahead of the tables. */
  bound(): void {
    if (this.#cache.size > MAX_CACHED) this.#cache.clear();
  }

  #keep(channel: ChannelState): ChannelState {
    this.#cache.set(channel.name, channel);
    return channel;
  }
}
