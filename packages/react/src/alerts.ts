/** Sound and vibration with a toast: off until the visitor turns them on, and remembered. */
import { useSyncExternalStore } from 'react';
import { playChime } from './chime.ts';
import { createPreference, type Preference } from './preference.ts';
import { prefersReducedMotion } from './use-reduced-motion.ts';

/** Whether toasts may be heard and felt. */
export type Alerts = 'off' | 'on';

/** However many toasts come at once, one sound. */
const AT_MOST_EVERY_MS = 1000;
const VIBRATION_MS = 30;

const preference: Preference<Alerts> = createPreference<Alerts>({
  key: 'fanfare.alerts',
  allowed: ['off', 'on'],
  fallback: silent,
  apply: () => undefined,
});

let lastAt = Number.NEGATIVE_INFINITY;

/** The choice now; the component renders again when it changes. `off` on a server. */
export function useAlerts(): Alerts {
  return useSyncExternalStore(preference.subscribe, preference.get, silent);
}

/** Changes the choice in every tab, and remembers it. */
export function setAlerts(alerts: Alerts): void {
  preference.set(alerts);
}

/**
 * A soft sound, and a short vibration where there is any, if the visitor wants them. Before the first click, tap or key on the page
 * browsers allow neither, so neither is tried.
 */
export function alertSoftly(): void {
  if (preference.get() === 'off' || navigator.userActivation?.hasBeenActive !== true) return;
  const now = performance.now();
  if (now - lastAt < AT_MOST_EVERY_MS) return;
  lastAt = now;
  playChime();
  if (!prefersReducedMotion()) navigator.vibrate?.(VIBRATION_MS);
}

function silent(): Alerts {
  return 'off';
}
