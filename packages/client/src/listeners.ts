/** Those who listen, and how all of them are told. */

/** Removes what returned it. Calling it again does nothing. */
export type Off = () => void;

/** Tells everyone who was there at the start and still is; what one throws, or its promise rejects with, stops nobody else. */
export function tellAll<Listener>(
  listeners: ReadonlySet<Listener> | ReadonlyMap<Listener, unknown>,
  tell: (listener: Listener) => unknown,
  failed: (cause: unknown) => void,
): void {
  for (const listener of [...listeners.keys()]) {
    if (!listeners.has(listener)) continue;
    try {
      const returned = tell(listener);
      // Nobody else holds an async handler's promise.
      if (returned instanceof Promise) returned.catch(failed);
    } catch (cause) {
      failed(cause);
    }
  }
}
