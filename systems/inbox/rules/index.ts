/** What server and page agree on: the notification, the preferences and what follows from them. Pure. */
export type { Analytics, Fate, FateOfDay, FateOfType, LiveCounters } from './analytics.ts';
export { isMarked, isNoteType, NOTE_TYPES, type Note, type NoteType, type ReadMark } from './note.ts';
export {
  changePreferences,
  DEFAULT_PREFERENCES,
  type Preferences,
  type PreferencesChange,
  type QuietHours,
  type TypePreference,
  wantedTypes,
} from './preferences.ts';
export { isQuiet, isTimeOfDay, isTimeZone, type Telling, tellingOf } from './quiet-hours.ts';
