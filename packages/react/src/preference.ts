/** A choice of the visitor that outlives the page: one of a few words, in localStorage, the same in every tab. */

export interface Preference<T extends string> {
  readonly get: () => T;
  readonly set: (value: T) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

export interface PreferenceOptions<T extends string> {
  /** Key in localStorage. */
  readonly key: string;
  readonly allowed: readonly T[];
  /** Asked when nothing valid is stored. */
  readonly fallback: () => T;
  /** Puts the choice on the document; called at once and at every change. */
  readonly apply: (value: T) => void;
}

/**
 * Without storage (private windows, blocked cookies, a server render) the choice lives as long as the page.
 */
export function createPreference<T extends string>(options: PreferenceOptions<T>): Preference<T> {
  const { key, allowed, fallback, apply } = options;
  const listeners = new Set<() => void>();
  const pick = (text: string | null): T => allowed.find((one) => one === text) ?? fallback();
  let current = pick(stored(key));
  apply(current);

  const change = (value: T): void => {
    if (value === current) return;
    current = value;
    apply(value);
    for (const listener of listeners) listener();
  };

  if (typeof window !== 'undefined') {
    // Another tab chose; `key === null` is a cleared storage.
    window.addEventListener('storage', (event) => {
      if (event.key === key) change(pick(event.newValue));
    });
  }

  return {
    get: () => current,
    set: (value) => {
      store(key, value);
      change(value);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is blocked, or there is none
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Blocked or full: the choice still holds for this page.
  }
}
