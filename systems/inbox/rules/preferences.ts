/** What a user wants to be told, and how: per type on or off and with or without sound, and hours in which nothing makes itself heard. */
import { NOTE_TYPES, type NoteType } from './note.ts';

export interface TypePreference {
  /** false: notifications of this type are not made for the user at all. */
  readonly on: boolean;
  readonly sound: boolean;
}

export interface QuietHours {
  readonly on: boolean;
  /** `HH:MM` in `time_zone`. After `to`: over midnight. The same as `to`: the whole day. */
  readonly from: string;
  readonly to: string;
  /** IANA name: `Asia/Ho_Chi_Minh`. */
  readonly time_zone: string;
}

export interface Preferences {
  readonly types: { readonly [T in NoteType]: TypePreference };
  readonly quiet_hours: QuietHours;
}

/** Some of the fields. */
type Some<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** A change: what is left out stays as it is. */
export interface PreferencesChange {
  readonly types?: Some<{ readonly [T in NoteType]: Some<TypePreference> }> | undefined;
  readonly quiet_hours?: Some<QuietHours> | undefined;
}

const EVERYTHING: TypePreference = { on: true, sound: true };

/** Of a user who never chose. */
export const DEFAULT_PREFERENCES: Preferences = {
  types: { info: { on: true, sound: false }, success: EVERYTHING, warning: EVERYTHING, error: EVERYTHING },
  quiet_hours: { on: false, from: '22:00', to: '07:00', time_zone: 'Asia/Ho_Chi_Minh' },
};

export function changePreferences(before: Preferences, change: PreferencesChange): Preferences {
  const typed = (type: NoteType): TypePreference => {
    const { on = before.types[type].on, sound = before.types[type].sound } = change.types?.[type] ?? {};
    return { on, sound };
  };
  const { quiet_hours: quiet } = before;
  const { on = quiet.on, from = quiet.from, to = quiet.to, time_zone = quiet.time_zone } = change.quiet_hours ?? {};
  return {
    types: { info: typed('info'), success: typed('success'), warning: typed('warning'), error: typed('error') },
    quiet_hours: { on, from, to, time_zone },
  };
}

/** Types that the user wants to have. */
export function wantedTypes({ types }: Preferences): readonly NoteType[] {
  return NOTE_TYPES.filter((type) => types[type].on);
}
