/** Many rows by few statements: of an insert of one row, the call into the database is the larger part. */
import type { SqlDatabase, SqlStatement, SqlValue } from './driver.ts';

/** Rows of one statement, the most first. Few sizes: each is prepared once. */
const SIZES = [64, 16, 4, 1];

export class BulkInsert {
  readonly #width: number;
  readonly #statements: readonly { readonly values: number; readonly statement: SqlStatement }[];

  /** `into`: `INSERT INTO table (columns)`; `width`: how many columns. */
  constructor(database: SqlDatabase, into: string, width: number) {
    const row = `(${Array(width).fill('?').join(', ')})`;
    this.#width = width;
    this.#statements = SIZES.map((rows) => {
      const statement = database.prepare(`${into} VALUES ${Array(rows).fill(row).join(', ')}`);
      return { values: rows * width, statement };
    });
  }

  /** The values of all rows, one row after the other. */
  run(values: readonly SqlValue[]): void {
    if (values.length % this.#width !== 0) throw new RangeError('Part of a row cannot be stored.');
    let at = 0;
    for (const size of this.#statements) {
      for (; values.length - at >= size.values; at += size.values) {
        size.statement.run(...values.slice(at, at + size.values));
      }
    }
  }
}
