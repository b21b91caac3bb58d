/** The words of the connection machine: its states, events, effects and rules. The transitions are in connection-machine.ts. */
import { type BackoffRules, DEFAULT_BACKOFF } from './backoff.ts';

/** Why the connection is not, or was not, live: a stable code and a sentence for people. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** What outlives a single attempt. */
export interface Memory {
  /** Failures in a row since the last progress. */
  readonly failures: number;
  /** The server's `retry:`, 0 until it sent one. */
  readonly floorMs: number;
  /** The server asked not to come before this moment (`Retry-After`, a close frame). 0: it did not. */
  readonly notBefore: number;
  readonly reason?: Reason;
}

/** A stream is being opened. `until`: the attempt has failed when `connected` did not arrive by then. */
export interface Opening extends Memory {
  readonly until: number;
  /** A 401 was already answered with a fresh token. */
  readonly refreshed: boolean;
}

export type ConnectionPhase =
  | { readonly kind: 'idle' }
  | ({ readonly kind: 'connecting' } & Opening)
  /** Live a moment ago, and reopening on purpose: to its user it still is live. */
  | ({ readonly kind: 'switching' } & Opening)
  | (Memory & {
      readonly kind: 'live';
      readonly since: number;
      readonly heartbeatMs: number;
      /** Silence until then means that the wire is dead. */
      readonly silentUntil: number;
      /** When to reopen for channels that were refused for now; Infinity: none. */
      readonly refreshAt: number;
    })
  | (Memory & { readonly kind: 'reconnecting'; readonly retryAt: number })
  | (Memory & { readonly kind: 'offline'; readonly retryAt: number })
  | { readonly kind: 'failed'; readonly reason: Reason };

export type ConnectionEvent =
  /** The set of channels changed (or one must be read again), and is not empty. */
  | { readonly kind: 'changed' }
  /** No channel is left, or the client was closed. */
  | { readonly kind: 'emptied' }
  | { readonly kind: 'connected'; readonly heartbeatMs: number }
  /** Bytes arrived. */
  | { readonly kind: 'activity' }
  /** An event was processed. */
  | { readonly kind: 'progress' }
  /** The stream's `retry:`. */
  | { readonly kind: 'retry'; readonly ms: number }
  /** A channel was refused for now. */
  | { readonly kind: 'refresh' }
  /** The stream ended, or did not begin, in a way that may pass. */
  | { readonly kind: 'dropped'; readonly reason: Reason; readonly online: boolean; readonly retryAfterMs?: number }
  /** The server's verdict. `refreshable`: a fresh token may change it. */
  | { readonly kind: 'refused'; readonly reason: Reason; readonly refreshable: boolean }
  /** The deadline, or an earlier moment. */
  | { readonly kind: 'wake' }
  | { readonly kind: 'online' }
  | { readonly kind: 'offline' }
  /** The page is seen again, was resumed or restored: timers may have been frozen. */
  | { readonly kind: 'visible' }
  /** The user asks for it. */
  | { readonly kind: 'reconnect' };

export type ConnectionEffect = { readonly kind: 'close' } | { readonly kind: 'open'; readonly freshToken: boolean };

export interface ConnectionStep {
  readonly state: ConnectionPhase;
  readonly effects: readonly ConnectionEffect[];
}

export interface ConnectionRules extends BackoffRules {
  /** An attempt without a `connected` frame is given up after this. */
  readonly connectTimeoutMs: number;
  /** Heartbeats in silence that mean a dead wire. */
  readonly silentHeartbeats: number;
}

export const DEFAULT_RULES: ConnectionRules = { ...DEFAULT_BACKOFF, connectTimeoutMs: 15_000, silentHeartbeats: 2.5 };

export interface StepInput {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: number;
  readonly rules: ConnectionRules;
}

export const IDLE: ConnectionPhase = { kind: 'idle' };

/** The moment at which the machine wants a `wake`, if any. */
export function deadlineOf(state: ConnectionPhase): number | undefined {
  switch (state.kind) {
    case 'connecting':
    case 'switching':
      return state.until;
    case 'live':
      return Math.min(state.silentUntil, state.refreshAt);
    case 'reconnecting':
    case 'offline':
      return state.retryAt;
    case 'idle':
    case 'failed':
      return undefined;
  }
}
