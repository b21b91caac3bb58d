/** Where the whole client runs: beside what everybody takes, WebSocket, a memory, and names of its own. */
import { openSocket } from '#websocket';
import { type Platform, SURROUNDINGS } from './platform.ts';

/** A browser page, a worker, or Node. */
export const HERE: Platform = {
  ...SURROUNDINGS,
  webSocket: openSocket,
  recall: (key) => stored((storage) => storage.getItem(key)) ?? undefined,
  remember: (key, word) => stored((storage) => storage.setItem(key, word)),
  id: () => crypto.getRandomValues(new Uint32Array(4)).join('-'),
};

/** Where a page is forbidden to keep anything, or the place is full, it throws; workers have none, and Node warns about its own. */
function stored<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return globalThis.document && use(localStorage);
  } catch {
    return undefined;
  }
}
