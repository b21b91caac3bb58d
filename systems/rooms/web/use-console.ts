/** What the console shows now. */
import { useSyncExternalStore } from 'react';
import { type ConsoleView, store } from './console/console-store.ts';

export function useConsole(): ConsoleView {
  return useSyncExternalStore(store.subscribe, store.view);
}
