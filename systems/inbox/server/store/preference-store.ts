/** What each user chose. */
import { text } from '@fanfare-systems/edge';
import {
  changePreferences,
  DEFAULT_PREFERENCES,
  type Preferences,
  type PreferencesChange,
} from '@fanfare-systems/inbox/rules';
import type { SqlDatabase, SqlStatement } from 'fanfare';

export class PreferenceStore {
  readonly #find: SqlStatement;
  readonly #save: SqlStatement;

  constructor(database: SqlDatabase) {
    this.#find = database.prepare('SELECT preferences FROM inbox_preferences WHERE user_id = ?');
    this.#save = database.prepare(
      `INSERT INTO inbox_preferences (user_id, preferences) VALUES (?, ?)
       ON CONFLICT (user_id) DO UPDATE SET preferences = excluded.preferences`,
    );
  }

  of(userId: number): Preferences {
    const row = this.#find.get(userId);
    // Over the defaults: a row of an earlier version lacks what was added since.
    return row === undefined
      ? DEFAULT_PREFERENCES
      : changePreferences(DEFAULT_PREFERENCES, parseStored(text(row, 'preferences')));
  }

  save(userId: number, preferences: Preferences): void {
    this.#save.run(userId, JSON.stringify(preferences));
  }
}

/** Written by `save` alone, after it was checked. */
function parseStored(json: string): PreferencesChange {
  return JSON.parse(json) as PreferencesChange;
}
