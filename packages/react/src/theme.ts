/** Light, dark, or as the system says: remembered, put on `<html data-theme>`, which tokens.css reads. */
import { useSyncExternalStore } from 'react';
import { createPreference, type Preference } from './preference.ts';

/** `auto`: as the system says, also when it changes its mind. */
export type Theme = 'auto' | 'light' | 'dark';

/** All of them, in the order of the switch. */
export const THEMES: readonly Theme[] = ['auto', 'light', 'dark'];

const preference: Preference<Theme> = createPreference<Theme>({
  key: 'fanfare.theme',
  allowed: THEMES,
  fallback: automatic,
  apply: (theme) => {
    if (typeof document === 'undefined') return;
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  },
});

/** The choice, not what it comes to: `auto` stays `auto`. */
export function useTheme(): Theme {
  return useSyncExternalStore(preference.subscribe, preference.get, automatic);
}

/** Changes the theme in every tab, and remembers it. */
export function setTheme(theme: Theme): void {
  preference.set(theme);
}

function automatic(): Theme {
  return 'auto';
}
