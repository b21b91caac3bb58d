/** The connection of the nearest client, as a page may show it. */
import type { ConnectionState } from '@fanfare/client';
import { useCallback, useSyncExternalStore } from 'react';
import { useNearestClient } from './fanfare-provider.tsx';

export function useConnection(): ConnectionState {
  const client = useNearestClient();
  const subscribe = useCallback((listener: () => void) => client.onConnection(listener), [client]);
  const snapshot = (): ConnectionState => client.connection;
  return useSyncExternalStore(subscribe, snapshot, snapshot);
}
