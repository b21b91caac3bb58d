/** A Web Lock that a tab holds while it uses a pipe: whoever is granted the same lock later knows that the tab has gone. */
import type { Off } from '../listeners.ts';

export type Locks = Pick<LockManager, 'request'>;

/** Resolves when the lock is held, with what releases it. */
export function holdLock(locks: Locks, name: string): Promise<Off> {
  return new Promise((resolve, reject) => {
    locks.request(name, () => new Promise<void>((release) => resolve(release))).catch(reject);
  });
}

/** Calls back once whoever holds the lock has gone. */
export function whenGone(locks: Locks | undefined, name: string, gone: Off): void {
  locks?.request(name, gone).catch(() => undefined);
}
