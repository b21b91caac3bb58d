/** The language of the page: remembered, put on `<html lang>`, English or Vietnamese. */
import { useSyncExternalStore } from 'react';
import { createPreference, type Preference } from './preference.ts';

/** The languages that Fanfare's own components speak. */
export type Language = 'en' | 'vi';

/** All of them, in the order of the switch. */
export const LANGUAGES: readonly Language[] = ['en', 'vi'];

const preference: Preference<Language> = createPreference<Language>({
  key: 'fanfare.language',
  allowed: LANGUAGES,
  fallback: preferredByBrowser,
  apply: (language) => {
    if (typeof document !== 'undefined') document.documentElement.lang = language;
  },
});

/** The language now; the component renders again when it changes. */
export function useLanguage(): Language {
  return useSyncExternalStore(preference.subscribe, preference.get, serverLanguage);
}

/** Changes the language everywhere, in every tab, and remembers it. */
export function setLanguage(language: Language): void {
  preference.set(language);
}

/** The language now, outside of components (request headers, formatters). */
export function currentLanguage(): Language {
  return preference.get();
}

function preferredByBrowser(): Language {
  if (typeof navigator === 'undefined') return 'en';
  for (const tag of navigator.languages ?? []) {
    const language = LANGUAGES.find((one) => tag.toLowerCase().startsWith(one));
    if (language !== undefined) return language;
  }
  return 'en';
}

function serverLanguage(): Language {
  return 'en';
}
