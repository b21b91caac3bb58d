/** The database as a system gets it: the connection of the engine, without the statements that would end its transaction. */
import type { SqlDatabase } from './driver.ts';

const CONTROL = /^[\s;]*(BEGIN|COMMIT|END|ROLLBACK|SAVEPOINT|RELEASE)\b/i;

/** A system's tables live beside the engine's (`fanfare_*`). To change several rows at once: `engine.transaction`. */
export function systemDatabase(database: SqlDatabase): SqlDatabase {
  return {
    exec(sql) {
      refuseControl(sql);
      database.exec(sql);
    },
    prepare(sql) {
      refuseControl(sql);
      return database.prepare(sql);
    },
  };
}

function refuseControl(sql: string): void {
  const word = CONTROL.exec(sql)?.[1];
  if (word !== undefined) throw new TypeError(`${word.toUpperCase()} is the engine's: use engine.transaction(work).`);
}
