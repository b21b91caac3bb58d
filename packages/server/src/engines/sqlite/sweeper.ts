/** Deletes what grew too old in channels to which nothing is appended any more, a few milliseconds at a time. */
import type { Clock } from '../../core/ports/clock.ts';
import { atomically } from './atomically.ts';
import type { ChannelTable } from './channel-table.ts';
import type { SqlDatabase, SqlRow, SqlStatement } from './driver.ts';
import { integer, integerOrNull } from './event-row.ts';
import type { EventStore } from './event-store.ts';
import type { SeenKeys } from './seen-keys.ts';

export interface SweeperOptions {
  readonly database: SqlDatabase;
  readonly channels: ChannelTable;
  readonly events: EventStore;
  readonly seen: SeenKeys;
  readonly clock: Pick<Clock, 'wallTime'>;
  /** Between two rounds through all channels. */
  readonly intervalMs: number;
  /** The file did not take a slice. */
  readonly onFailure: (error: unknown) => void;
  /** After every slice. */
  readonly onCommit: () => void;
}

const SLICE_PAUSE_MS = 20;
const CHANNELS_PER_SLICE = 64;
/** What a slice may delete, in rows, and a batch of a channel more: about two milliseconds. */
const ROWS_PER_SLICE = 512;
/** What a channel costs beside its rows: it is looked up, and what it has lies on pages of its own. */
const ROWS_PER_CHANNEL = 8;

export class Sweeper {
  readonly #options: SweeperOptions;
  readonly #aged: SqlStatement;
  #timer: NodeJS.Timeout | undefined;
  /** Channel id up to which this round has come. */
  #done = 0;

  constructor(options: SweeperOptions) {
    this.#options = options;
    this.#aged = options.database.prepare(`
      SELECT c.id AS id, c.name AS name, c.keep_age AS keep_age,
        (SELECT e.time FROM fanfare_places p CROSS JOIN fanfare_events e ON e.id = p.id
          WHERE p.channel = c.id ORDER BY p.offset LIMIT 1) AS oldest
      FROM fanfare_channels c WHERE c.keep_age IS NOT NULL AND c.id > ? ORDER BY c.id LIMIT ${CHANNELS_PER_SLICE}`);
    this.#rest(options.intervalMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #rest(delayMs: number): void {
    this.#timer = setTimeout(() => this.#slice(), delayMs).unref();
  }

  #slice(): void {
    try {
      this.#rest(this.#sweep() ? SLICE_PAUSE_MS : this.#options.intervalMs);
    } catch (error) {
      this.#options.onFailure(error);
      this.#rest(this.#options.intervalMs);
    }
  }

  /** True: the round goes on. */
  #sweep(): boolean {
    const { clock, database, seen } = this.#options;
    const now = clock.wallTime();
    const rows = this.#aged.all(this.#done);
    const expired = rows.filter((row) => {
      const oldest = integerOrNull(row, 'oldest') ?? this.#options.events.oldestFresh(integer(row, 'id'));
      return oldest !== undefined && oldest < now - integer(row, 'keep_age');
    });
    const more = atomically(database, () => {
      const stop = this.#trimSome(expired, now);
      const moreKeys = seen.trim(now);
      this.#done = stop === undefined ? integerOr(rows.at(-1), 0) : integer(stop, 'id') - 1;
      return moreKeys || stop !== undefined || rows.length === CHANNELS_PER_SLICE;
    });
    if (!more) this.#done = 0;
    this.#options.onCommit();
    return more;
  }

  /** The first of them that has something left to delete when the slice ends; undefined: none has. */
  #trimSome(expired: readonly SqlRow[], now: number): SqlRow | undefined {
    let rows = ROWS_PER_SLICE;
    for (const row of expired) {
      if (rows <= 0) return row;
      const channel = this.#options.channels.find(String(row['name']));
      if (channel === undefined) continue;
      rows -= ROWS_PER_CHANNEL;
      for (let more = true; more; ) {
        if (rows <= 0) return row;
        const { floor } = channel;
        more = this.#options.events.trim(channel, { ageMs: integer(row, 'keep_age') }, now);
        rows -= channel.floor - floor;
      }
    }
    return undefined;
  }
}

function integerOr(row: SqlRow | undefined, fallback: number): number {
  return row === undefined ? fallback : integer(row, 'id');
}
