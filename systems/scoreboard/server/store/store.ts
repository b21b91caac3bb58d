/** All rows of the scoreboard behind one name; opening it makes the tables. */
import type { SqlDatabase } from 'fanfare';
import { AuditLog } from './audit-log.ts';
import { CourtStore } from './court-store.ts';
import { DeviceStore } from './device-store.ts';
import { MatchStore } from './match-store.ts';
import { SCHEMA } from './schema.ts';

/** Reads at any time; writes only inside `live.transaction`, so that rows and events commit together. */
export interface ScoreboardStore {
  readonly matches: MatchStore;
  readonly courts: CourtStore;
  readonly devices: DeviceStore;
  readonly audit: AuditLog;
}

export function openStore(database: SqlDatabase): ScoreboardStore {
  database.exec(SCHEMA);
  return {
    matches: new MatchStore(database),
    courts: new CourtStore(database),
    devices: new DeviceStore(database),
    audit: new AuditLog(database),
  };
}
