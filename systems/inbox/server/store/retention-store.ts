/** Finds and removes what is kept no longer. */
import { integer } from '@fanfare-systems/edge';
import type { SqlDatabase, SqlStatement } from 'fanfare';

export class RetentionStore {
  readonly #old: SqlStatement;
  readonly #crowded: SqlStatement;
  readonly #beyond: SqlStatement;
  readonly #remove: SqlStatement;

  constructor(database: SqlDatabase) {
    this.#old = database.prepare('SELECT id, user_id FROM inbox_notifications WHERE created_at < ? LIMIT ?');
    this.#crowded = database.prepare(
      'SELECT user_id FROM inbox_notifications GROUP BY user_id HAVING count(*) > ? ORDER BY user_id LIMIT 1',
    );
    this.#beyond = database.prepare(
      `SELECT id, user_id FROM inbox_notifications WHERE user_id = ? AND id <= (
         SELECT id FROM inbox_notifications WHERE user_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?) LIMIT ?`,
    );
    this.#remove = database.prepare('DELETE FROM inbox_notifications WHERE id = ?');
  }

  /** Made before `at`. */
  old(at: number, limit: number): readonly Kept[] {
    return this.#old.all(at, limit).map((row) => ({ id: integer(row, 'id'), userId: integer(row, 'user_id') }));
  }

  /** Beyond the newest `most` of one user who has more. */
  beyond(most: number, limit: number): readonly Kept[] {
    const crowded = this.#crowded.get(most);
    if (crowded === undefined) return [];
    const userId = integer(crowded, 'user_id');
    return this.#beyond.all(userId, userId, most, limit).map((row) => ({ id: integer(row, 'id'), userId }));
  }

  remove(id: number): void {
    this.#remove.run(id);
  }
}

export interface Kept {
  readonly id: number;
  readonly userId: number;
}
