/** A channel as a component reads it: the newest values, and how the subscription stands. */
import { type StateSnapshot, throttleLatest } from '@fanfare/client';
import { useCallback, useSyncExternalStore } from 'react';
import { useHandle } from './use-handle.ts';

/** Of `useChannel`. */
export interface ChannelOptions {
  /** Renders at most once per so many milliseconds, and always the last value. @default 0, every value */
  readonly everyMs?: number;
}

/** No channel, a server, the first moment of a hydration: nothing is followed. */
const NOTHING: StateSnapshot<unknown> = { subscription: { status: 'closed' }, value: undefined, values: new Map() };

/** Subscribed while the component is mounted, also while a Suspense boundary above hides it. */
export function useAnyChannel(name: string | undefined, options: ChannelOptions = {}): StateSnapshot<unknown> {
  const { everyMs = 0 } = options;
  const handle = useHandle(name);
  const subscribe = useCallback(
    (listener: () => void): (() => void) => {
      if (handle === undefined) return nothingToEnd;
      if (everyMs === 0) return handle.subscribe(listener);
      const throttled = throttleLatest(everyMs, listener);
      const off = handle.subscribe(() => throttled(undefined));
      return () => {
        throttled.cancel();
        off();
      };
    },
    [handle, everyMs],
  );
  return useSyncExternalStore(
    subscribe,
    () => handle?.getSnapshot() ?? NOTHING,
    () => NOTHING,
  );
}

function nothingToEnd(): void {
  // Nothing was begun.
}
