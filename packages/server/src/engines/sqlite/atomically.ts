/** Runs work in one transaction of the connection: all of it is committed, or nothing. */
import type { SqlDatabase } from './driver.ts';

/** The work of `nested` could not be undone alone: the transaction around it is gone. `cause`: what went wrong first. */
export class TransactionLost extends Error {
  override readonly name = 'TransactionLost';
}

/** Throws what the work or the commit threw; then nothing of it is in the file. */
export function atomically<T>(database: SqlDatabase, work: () => T): T {
  try {
    database.exec('BEGIN IMMEDIATE');
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    tryExec(database, 'ROLLBACK');
    throw error instanceof TransactionLost ? error.cause : error;
  }
}

/** As `atomically`, inside a transaction: a throw undoes the work alone, and the transaction goes on. */
export function nested<T>(database: SqlDatabase, work: () => T): T {
  database.exec('SAVEPOINT fanfare');
  try {
    const result = work();
    database.exec('RELEASE fanfare');
    return result;
  } catch (cause) {
    if (tryExec(database, 'ROLLBACK TO fanfare; RELEASE fanfare')) throw cause;
    throw new TransactionLost('The transaction was lost.', { cause });
  }
}

/** False when it fails: after some failures (a full disk) SQLite has already rolled back by itself, and says so by an error. */
function tryExec(database: SqlDatabase, sql: string): boolean {
  try {
    database.exec(sql);
    return true;
  } catch {
    return false;
  }
}
