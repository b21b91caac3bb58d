/** Was a newcomer welcomed on this data already? A start that failed on a taken port, or was killed, does not count. */
import type { SqlDatabase } from 'fanfare';

export interface FirstStart {
  /** True until `done` was called on this database, in whatever process. */
  readonly isFirst: boolean;
  done(): void;
}

export function firstStart(database: SqlDatabase): FirstStart {
  database.exec('CREATE TABLE IF NOT EXISTS showcase_facts (name TEXT PRIMARY KEY) STRICT');
  const welcomed = database.prepare(`SELECT 1 FROM showcase_facts WHERE name = 'welcomed'`).get();
  return {
    isFirst: welcomed === undefined,
    done: () => {
      database.prepare(`INSERT INTO showcase_facts VALUES ('welcomed') ON CONFLICT DO NOTHING`).run();
    },
  };
}
