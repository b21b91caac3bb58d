/** The persisted idempotency window: which key stands at which offset, bounded by count and age. */
import type { IdempotencyBounds } from '../idempotency-window.ts';
import type { SqlDatabase, SqlStatement } from './driver.ts';
import { integer } from './event-row.ts';

/** Every so many keys, up to twice as many old ones are deleted: the table stays bounded and no delete is long. */
const TRIM_EVERY = 64;

export class SeenKeys {
  readonly #bounds: IdempotencyBounds;
  readonly #find: SqlStatement;
  readonly #add: SqlStatement;
  readonly #last: SqlStatement;
  readonly #batchEnd: SqlStatement;
  readonly #delete: SqlStatement;
  /** undefined: not read since the last rollback. */
  #known: number | undefined;

  constructor(database: SqlDatabase, bounds: IdempotencyBounds) {
    this.#bounds = bounds;
    this.#find = database.prepare('SELECT id, offset, time FROM fanfare_seen WHERE channel = ? AND key = ?');
    this.#add = database.prepare(
      'INSERT OR REPLACE INTO fanfare_seen (channel, key, offset, time) VALUES (?, ?, ?, ?)',
    );
    this.#last = database.prepare('SELECT coalesce(max(id), 0) AS id FROM fanfare_seen');
    this.#batchEnd = database.prepare(
      `SELECT id, time FROM fanfare_seen ORDER BY id LIMIT 1 OFFSET ${TRIM_EVERY * 2 - 1}`,
    );
    this.#delete = database.prepare('DELETE FROM fanfare_seen WHERE id <= ?');
  }

  /** Offset of the first copy; undefined: not seen within the window. */
  find(channelId: number, key: string, now: number): number | undefined {
    const row = this.#find.get(channelId, key);
    if (row === undefined || this.#isOld(integer(row, 'id'), integer(row, 'time'), now)) return undefined;
    return integer(row, 'offset');
  }

  /** Remembers a key that `find` did not know. */
  add(channelId: number, key: string, first: { readonly offset: number; readonly time: number }): void {
    this.#known = this.#add.run(channelId, key, first.offset, first.time).lastInsertRowid;
    if (this.#known % TRIM_EVERY === 0) this.trim(first.time);
  }

  /** Deletes one batch of old keys; true: another may follow. */
  trim(now: number): boolean {
    const end = this.#batchEnd.get();
    if (end === undefined || !this.#isOld(integer(end, 'id'), integer(end, 'time'), now)) return false;
    this.#delete.run(integer(end, 'id'));
    return true;
  }

  /** After a rollback: reads anew when it is next asked, not now, when the file may be unreadable. */
  forget(): void {
    this.#known = undefined;
  }

  #lastId(): number {
    this.#known ??= integer(this.#last.get(), 'id');
    return this.#known;
  }

  #isOld(id: number, time: number, now: number): boolean {
    return id <= this.#lastId() - this.#bounds.count || time < now - this.#bounds.ageMs;
  }
}
