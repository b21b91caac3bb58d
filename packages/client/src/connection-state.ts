/** What a page may know about the connection, and show. */
import type { TransportName } from '@fanfare/protocol';
import type { Reason } from './connection-phase.ts';

/** In one word; `ConnectionState` says what each means. */
export type ConnectionStatus = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline' | 'failed';

/** How the connection stands. Never changed: another state is another object. */
export interface ConnectionState {
  /**
   * `idle`: no channel has a listener, and nothing is published. `connecting`: for the first time, or after `failed`. `live`. `reconnecting`: it was lost, or could not be made;
   * it will be tried at `retryAt`, or is being tried now when there is none. `offline`: the browser says so. `failed`: the server
   * said no; nothing happens until `client.reconnect()`, another set of channels or another publish. `polling`: everything arrives, if a little later;
   * better ways are tried all the while.
   */
  readonly status: ConnectionStatus;
  /** What is in use, while `live` or `polling`. */
  readonly transport?: TransportName | undefined;
  /** When the next attempt starts: wall clock, milliseconds, for a countdown. */
  readonly retryAt?: number | undefined;
  /** How long the server took to answer when the wire was opened: a round trip, and where the network was cold, name lookup and TLS. */
  readonly latencyMs?: number | undefined;
  /** Why it is not live, or not by the best transport. */
  readonly reason?: Reason | undefined;
}

/** Subscriptions stand, and commands are taken. */
export function isOpen({ status }: ConnectionState): boolean {
  return status === 'live' || status === 'polling';
}
