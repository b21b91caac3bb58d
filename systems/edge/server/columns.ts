/** Columns of a row as typed values. The tables are STRICT: a column of another type is a programmer's mistake and throws. */
import type { SqlRow } from 'fanfare';

export function text(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`column ${column}: expected text, got ${typeof value}`);
  return value;
}

export function optionalText(row: SqlRow, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

export function integer(row: SqlRow, column: string): number {
  const value = Number(row[column]);
  if (!Number.isSafeInteger(value))
    throw new TypeError(`column ${column}: expected an integer, got ${String(row[column])}`);
  return value;
}

export function optionalInteger(row: SqlRow, column: string): number | null {
  return row[column] === null ? null : integer(row, column);
}
