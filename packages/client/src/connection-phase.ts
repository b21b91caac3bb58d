/** The words of the connection machine: its states, events and rules. The transitions are in connection-machine.ts. */
import { type BackoffRules, DEFAULT_BACKOFF } from './backoff.ts';

/** Why the connection is not, or was not, live: a stable code, and words where somebody had any; else the code again. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

export type PhaseKind = 'idle' | 'connecting' | 'live' | 'reconnecting' | 'offline' | 'failed';

export interface ConnectionPhase {
  /** A wire is wanted exactly in `connecting` and `live`. */
  readonly kind: PhaseKind;
  /** Which wire: another number is another one, to be opened in place of the last. */
  readonly wire: number;
  /** The wire is to be opened with a fresh token: the last one was refused. */
  readonly refreshed: boolean;
  /** The moment at which the machine wants a `wake`; Infinity: none. */
  readonly deadline: number;
  /** From this moment on a page that is seen again, or a network that comes back, is reason enough for another wire. */
  readonly renewAt: number;
  /** When it went live. */
  readonly since?: number;
  /** Of the live wire. */
  readonly heartbeatMs?: number;
  /** Failures in a row since the last progress. */
  readonly failures: number;
  /** When the first of them was. */
  readonly downSince?: number;
  /** The server's `retry:`, 0 until it sent one. */
  readonly floorMs: number;
  readonly reason?: Reason | undefined;
}

export type ConnectionEvent =
  /** Channels are wanted that no request has asked for yet. */
  | { readonly type: 'wanted' }
  /** No channel is left, or the client was closed. */
  | { readonly type: 'emptied' }
  /** Open another wire at once, in place of this one: the request is another now, or another transport is to be tried. */
  | { readonly type: 'again'; readonly reason?: Reason }
  | { readonly type: 'connected'; readonly heartbeatMs: number }
  /** Something arrived. */
  | { readonly type: 'read' }
  /** An event was processed. */
  | { readonly type: 'progress' }
  /** The server's `retry:`. */
  | { readonly type: 'retry'; readonly ms: number }
  /** The wire ended, or did not begin, in a way that may pass. */
  | { readonly type: 'dropped'; readonly reason: Reason; readonly retryAfterMs?: number | undefined }
  /** The server's verdict. `refreshable`: a fresh token may change it. */
  | { readonly type: 'refused'; readonly reason: Reason; readonly refreshable: boolean }
  /** The deadline, or an earlier moment. */
  | { readonly type: 'wake' }
  | { readonly type: 'online' }
  | { readonly type: 'offline' }
  /** The page is seen again, was resumed or restored: timers may have been frozen. */
  | { readonly type: 'visible' }
  /** The user asks for it. */
  | { readonly type: 'reconnect' };

/** Delays and patience of one connection. */
export interface ConnectionRules extends BackoffRules {
  /** An attempt without a `connected` frame is given up after this, milliseconds. @default 15000 */
  readonly connectTimeoutMs: number;
  /** Heartbeats in silence that mean a dead wire. @default 2.5 */
  readonly silentHeartbeats: number;
}

/** What a client goes by that has several transports, as `createClient` makes it. */
export interface LadderRules extends ConnectionRules {
  /** As `connectTimeoutMs`, for a transport that never worked here while there are others to try. @default 1200 */
  readonly tryTimeoutMs: number;
  /** A live wire that ends sooner than this, without a word, did not live. @default 10000 */
  readonly shortLifeMs: number;
  /**
   * While polling, better transports are tried: first after so long, then ever later up to the cap, and a little sooner by chance. While
   * a lesser live one is in use, 20 times as late. @default 1000
   */
  readonly probeMs: number;
  /** @default 12000 */
  readonly probeCapMs: number;
}

export const DEFAULT_RULES: ConnectionRules = {
  ...DEFAULT_BACKOFF,
  connectTimeoutMs: 15_000,
  silentHeartbeats: 2.5,
};

export interface StepInput {
  /** Milliseconds that never go back. */
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: number;
  /** false: the platform is sure that there is no network. */
  readonly online: boolean;
  readonly rules: ConnectionRules;
  /** How long an attempt that begins now may take. */
  readonly timeoutMs: number;
}

export const IDLE: ConnectionPhase = {
  kind: 'idle',
  wire: 0,
  refreshed: false,
  deadline: Infinity,
  renewAt: Infinity,
  failures: 0,
  floorMs: 0,
};

export function hasWire({ kind }: ConnectionPhase): boolean {
  return kind === 'connecting' || kind === 'live';
}

/** `message`: whose words there are. */
export function because(code: string, message: string = code): Reason {
  return { code, message };
}
