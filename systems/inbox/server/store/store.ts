/** All rows of the inbox behind one name; opening it makes the tables. */
import type { SqlDatabase } from 'fanfare';
import { AnalyticsStore } from './analytics-store.ts';
import { FateStore } from './fate-store.ts';
import { NoteStore } from './note-store.ts';
import { PreferenceStore } from './preference-store.ts';
import { RetentionStore } from './retention-store.ts';
import { SCHEMA } from './schema.ts';

/** Reads at any time; writes only inside `live.transaction`, so that rows and events commit together. */
export interface InboxStore {
  readonly notes: NoteStore;
  readonly fates: FateStore;
  readonly preferences: PreferenceStore;
  readonly analytics: AnalyticsStore;
  readonly retention: RetentionStore;
}

export function openStore(database: SqlDatabase): InboxStore {
  database.exec(SCHEMA);
  return {
    notes: new NoteStore(database),
    fates: new FateStore(database),
    preferences: new PreferenceStore(database),
    analytics: new AnalyticsStore(database),
    retention: new RetentionStore(database),
  };
}
