/** Whether the visitor asked the system for less motion; follows a change of mind. */
import { useSyncExternalStore } from 'react';

const QUERY = '(prefers-reduced-motion: reduce)';

/** Renders again when it changes. false on a server. */
export function useReducedMotion(): boolean {
  return useSyncExternalStore(subscribe, prefersReducedMotion, () => false);
}

/** The same, outside of components. */
export function prefersReducedMotion(): boolean {
  return media()?.matches === true;
}

function subscribe(listener: () => void): () => void {
  const query = media();
  query?.addEventListener('change', listener);
  return () => query?.removeEventListener('change', listener);
}

/** undefined where there are no media queries: a server, a test's document. */
function media(): MediaQueryList | undefined {
  return typeof matchMedia === 'function' ? matchMedia(QUERY) : undefined;
}
