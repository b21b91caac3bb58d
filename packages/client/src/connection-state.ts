/** What a page may know about the connection, and show. */
import type { ConnectionPhase, Reason } from './connection-phase.ts';

export type ConnectionStatus = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'polling' | 'offline' | 'failed';

export interface ConnectionState {
  /**
   * `idle`: no channel has a listener. `connecting`: for the first time, or after `failed`. `live`. `reconnecting`: it was lost, or could not be made;
   * it will be tried at `retryAt`, or is being tried now when there is none. `offline`: the browser says so. `failed`: the server
   * said no; nothing happens until `client.reconnect()` or another set of channels. `polling`: reserved, not produced yet.
   */
  readonly status: ConnectionStatus;
  /** When the next attempt starts: wall clock, milliseconds, for a countdown. */
  readonly retryAt?: number;
  /**
   * How long the server took to answer when the stream was opened: a round trip, and where the network was cold, name lookup and
   * TLS. It is not measured while the stream is open: one-way wires have no answer to time.
   */
  readonly latencyMs?: number;
  /** Why it is not live. */
  readonly reason?: Reason;
}

export interface StateInput {
  readonly now: number;
  readonly wallTime: number;
  readonly latencyMs: number | undefined;
}

export function connectionState(phase: ConnectionPhase, { now, wallTime, latencyMs }: StateInput): ConnectionState {
  switch (phase.kind) {
    case 'idle':
      return { status: 'idle' };
    case 'live':
    case 'switching':
      return { status: 'live', ...(latencyMs === undefined ? {} : { latencyMs: Math.round(latencyMs) }) };
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
