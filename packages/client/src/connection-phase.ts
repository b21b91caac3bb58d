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
  /** When the first of them was. */
  readonly downSince: number;
  /** The server's `retry:`, 0 until it sent one. */
  readonly floorMs: number;
  /** The server asked not to come before this moment (`Retry-After`, a close frame). 0: it did not. */
  readonly notBefore: number;
  readonly reason?: Reason;
}

export type ConnectionPhase =
  | { readonly kind: 'idle' }
  /** A wire is being opened. `until`: it has failed when `connected` did not arrive by then. `refreshed`: a 401 was already answered with a fresh token. */
  | (Memory & { readonly kind: 'connecting'; readonly until: number; readonly refreshed: boolean })
  | (Memory & {
      readonly kind: 'live';
      readonly since: number;
      readonly heartbeatMs: number;
      /** Something arrived last at this moment. */
      readonly heardAt: number;
      /** When to ask again for channels that were refused for now; Infinity: none. */
      readonly refreshAt: number;
    })
  | (Memory & { readonly kind: 'reconnecting'; readonly retryAt: number })
  | (Memory & { readonly kind: 'offline'; readonly retryAt: number })
  | { readonly kind: 'failed'; readonly reason: Reason };

export type ConnectionEvent =
  /** Channels are wanted that no request has asked for yet. */
  | { readonly kind: 'wanted' }
  /** No channel is left, or the client was closed. */
  | { readonly kind: 'emptied' }
  /** Open another wire at once, in place of this one: the request is another now, or another transport is to be tried. */
  | { readonly kind: 'again'; readonly reason?: Reason }
  | { readonly kind: 'connected'; readonly heartbeatMs: number }
  /** Something arrived. */
  | { readonly kind: 'activity' }
  /** An event was processed. */
  | { readonly kind: 'progress' }
  /** The server's `retry:`. */
  | { readonly kind: 'retry'; readonly ms: number }
  /** A channel was refused for now. */
  | { readonly kind: 'refresh' }
  /** The wire ended, or did not begin, in a way that may pass. */
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

/** `timeout`: the wire that is being opened gave no sign in time. `retry-channels`: those refused for now. */
export type ConnectionEffect =
  | { readonly kind: 'close' }
  | { readonly kind: 'open'; readonly freshToken: boolean }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'retry-channels' };

export interface ConnectionStep {
  readonly state: ConnectionPhase;
  readonly effects: readonly ConnectionEffect[];
}

export interface ConnectionRules extends BackoffRules {
  /** An attempt without a `connected` frame is given up after this. */
  readonly connectTimeoutMs: number;
  /** As above, for a transport that never worked here while there are others to try. */
  readonly tryTimeoutMs: number;
  /** Heartbeats in silence that mean a dead wire. */
  readonly silentHeartbeats: number;
  /** A live wire that ends sooner than this, without a word, did not live. */
  readonly shortLifeMs: number;
  /** While a lesser transport is in use, better ones are tried: first after about so long, then ever later up to the cap. */
  readonly probeMs: number;
  readonly probeCapMs: number;
}

export const DEFAULT_RULES: ConnectionRules = {
  ...DEFAULT_BACKOFF,
  connectTimeoutMs: 15_000,
  tryTimeoutMs: 1200,
  silentHeartbeats: 2.5,
  shortLifeMs: 10_000,
  probeMs: 1000,
  probeCapMs: 12_000,
};

export interface StepInput {
  /** Milliseconds that never go back. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: number;
  readonly rules: ConnectionRules;
  /** How long an attempt that begins now may take. */
  readonly timeoutMs: number;
}

export const IDLE: ConnectionPhase = { kind: 'idle' };

/** The moment at which the machine wants a `wake`; Infinity: none. */
export function deadlineOf(state: ConnectionPhase, rules: ConnectionRules): number {
  switch (state.kind) {
    case 'connecting':
      return state.until;
    case 'live':
      return Math.min(silentAt(state, rules), state.refreshAt);
    case 'reconnecting':
    case 'offline':
      return state.retryAt;
    case 'idle':
    case 'failed':
      return Infinity;
  }
}

/** Silence until then means that the wire is dead. */
export function silentAt(
  state: { readonly heardAt: number; readonly heartbeatMs: number },
  rules: ConnectionRules,
): number {
  return state.heardAt + rules.silentHeartbeats * state.heartbeatMs;
}
