/** What a page may know about the connection, and show. */
import type { TransportName } from '@fanfare/protocol';
import type { ConnectionPhase, Reason } from './connection-phase.ts';

export type ConnectionStatus = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline' | 'failed';

export interface ConnectionState {
  /**
   * `idle`: no channel has a listener. `connecting`: for the first time, or after `failed`. `live`. `reconnecting`: it was lost, or could not be made;
   * it will be tried at `retryAt`, or is being tried now when there is none. `offline`: the browser says so. `failed`: the server
   * said no; nothing happens until `client.reconnect()` or another set of channels. `polling`: everything arrives, if a little later;
   * better ways are tried all the while.
   */
  readonly status: ConnectionStatus;
  /** What is in use, while `live` or `polling`. */
  readonly transport?: TransportName;
  /** When the next attempt starts: wall clock, milliseconds, for a countdown. */
  readonly retryAt?: number;
  /** How long the server took to answer when the wire was opened: a round trip, and where the network was cold, name lookup and TLS. */
  readonly latencyMs?: number;
  /** Why it is not live, or not by the best transport. */
  readonly reason?: Reason;
}

export interface StateInput {
  readonly now: number;
  readonly wallTime: number;
  readonly latencyMs: number | undefined;
  /** In use. `live`: it shows events the moment they are published. */
  readonly transport: { readonly name: TransportName; readonly live: boolean } | undefined;
  /** Why the best transport is not in use. */
  readonly demotion: Reason | undefined;
}

export function connectionState(phase: ConnectionPhase, input: StateInput): ConnectionState {
  const { now, wallTime, latencyMs, transport } = input;
  switch (phase.kind) {
    case 'idle':
      return { status: 'idle' };
    case 'live':
      return {
        status: transport?.live === false ? 'polling' : 'live',
        ...(transport && { transport: transport.name }),
        ...(latencyMs === undefined ? {} : { latencyMs: Math.round(latencyMs) }),
        ...because(input.demotion),
      };
    case 'connecting':
      return { status: phase.reason === undefined ? 'connecting' : 'reconnecting', ...because(phase.reason) };
    case 'reconnecting':
    case 'offline':
      return { status: phase.kind, retryAt: Math.round(wallTime + phase.retryAt - now), ...because(phase.reason) };
    case 'failed':
      return { status: 'failed', reason: phase.reason };
  }
}

function because(reason: Reason | undefined): { readonly reason?: Reason } {
  return reason === undefined ? {} : { reason };
}

/** Subscriptions stand, and commands are taken. */
export function isOpen({ status }: ConnectionState): boolean {
  return status === 'live' || status === 'polling';
}
