/** Who did what, and when: one row for every action and every admin act, committed with what it tells of. */
import { integer, text } from '@fanfare-systems/edge';
import type { SqlDatabase, SqlRow, SqlStatement } from 'fanfare';

export interface AuditEntry {
  /** Wall clock, milliseconds. */
  readonly at: number;
  /** `device:<id>`, `user:<id>` or `api-key`. */
  readonly actor: string;
  readonly action: string;
  /** What it was done to: `match:<id>`, `court:<id>`, `device:<id>`, `tournament:<id>`, `channel:<name>`. */
  readonly target: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditRow extends AuditEntry {
  readonly id: number;
}

/** A season of matches, every tap of them. */
const MAX_ROWS = 100_000;
/** Rows are dropped so many at a time. */
const PRUNE_EVERY = 100;

export class AuditLog {
  readonly #insert: SqlStatement;
  readonly #page: SqlStatement;
  readonly #prune: SqlStatement;
  readonly #maxRows: number;
  #written = 0;

  /** `maxRows`: the newest so many are kept, and up to a hundred more. */
  constructor(database: SqlDatabase, maxRows: number = MAX_ROWS) {
    this.#maxRows = maxRows;
    this.#insert = database.prepare(
      'INSERT INTO scoreboard_audit (at, actor, action, target, details) VALUES (?, ?, ?, ?, ?)',
    );
    this.#prune = database.prepare(
      'DELETE FROM scoreboard_audit WHERE id <= (SELECT max(id) FROM scoreboard_audit) - ?',
    );
    this.#page = database.prepare('SELECT * FROM scoreboard_audit WHERE id < ? ORDER BY id DESC LIMIT ?');
  }

  write(entry: AuditEntry): void {
    this.#insert.run(entry.at, entry.actor, entry.action, entry.target, JSON.stringify(entry.details));
    this.#written += 1;
    if (this.#written % PRUNE_EVERY === 0) this.#prune.run(this.#maxRows);
  }

  /** Newest first, older than `before`. */
  page(before: number, limit: number): readonly AuditRow[] {
    return this.#page.all(before, limit).map(parseEntry);
  }
}

function parseEntry(row: SqlRow): AuditRow {
  return {
    id: integer(row, 'id'),
    at: integer(row, 'at'),
    actor: text(row, 'actor'),
    action: text(row, 'action'),
    target: text(row, 'target'),
    details: parseDetails(text(row, 'details')),
  };
}

function parseDetails(json: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(json);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
