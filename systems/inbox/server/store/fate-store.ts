/** How each notification reached its user. Decided once, and never changed again. */
import type { SqlDatabase, SqlStatement } from 'fanfare';

/** `live`: handed to an open connection when it was sent. `return`: there when the user came back. */
export type Delivered = 'live' | 'return';

export class FateStore {
  readonly #decideOne: SqlStatement;
  readonly #decideUpTo: SqlStatement;
  readonly #anyUndecided: SqlStatement;

  constructor(database: SqlDatabase) {
    this.#decideOne = database.prepare(
      'UPDATE inbox_notifications SET delivered = ? WHERE id = ? AND delivered IS NULL',
    );
    this.#decideUpTo = database.prepare(
      'UPDATE inbox_notifications SET delivered = ? WHERE user_id = ? AND delivered IS NULL AND id <= ?',
    );
    this.#anyUndecided = database.prepare(
      'SELECT max(id) AS id FROM inbox_notifications WHERE user_id = ? AND delivered IS NULL',
    );
  }

  decide(id: number, delivered: Delivered): void {
    this.#decideOne.run(delivered, id);
  }

  /** All of the user's up to this id that are still undecided. */
  decideUpTo(userId: number, id: number, delivered: Delivered): void {
    this.#decideUpTo.run(delivered, userId, id);
  }

  /** The newest of which nobody knows yet; 0: there is none. */
  newestUndecided(userId: number): number {
    return Number(this.#anyUndecided.get(userId)?.['id'] ?? 0);
  }
}
