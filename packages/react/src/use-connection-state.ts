/** The connection of the nearest client, as a page may show it. */
import type { ConnectionState } from '@fanfare/client';
import { useCallback, useSyncExternalStore } from 'react';
import { useNearestClient } from './fanfare-provider.tsx';

/** What a server renders, and so what hydration begins with: there is no connection there. */
const IDLE: ConnectionState = { status: 'idle' };

/** Renders again when it changes. Needs a provider above; `idle` on a server. */
export function useConnectionState(): ConnectionState {
  const client = useNearestClient();
  const subscribe = useCallback((listener: () => void) => client.onConnection(listener), [client]);
  return useSyncExternalStore(
    subscribe,
    () => client.connection,
    () => IDLE,
  );
}
