/**
 * The life of the client's one connection, as a pure function: state x event -> state. Time and randomness are inputs.
 *
 *          wanted                connected
 *   idle ──────────► connecting ───────────► live
 *    ▲                │  ▲   │                │
 *    │ emptied        │  │   │ refused        │ dropped, silence
 *    │ (from          │  │   ▼                │
 *    │  anywhere)     │  │ failed ◄───────────┤
 *    │                │  │   │ wanted,        ▼
 *    │       dropped  │  │   │ reconnect   reconnecting      `again` leads from connecting and live to connecting at once;
 *    │                │  └───┴──────────────┤  ▲             `offline` leads from every state with a wire or a wait to
 *    │                └─────────────────────┼──┘             offline; `online`, `visible` or the cap lead back to
 *    └──────────────────────────────────────┘                connecting.
 *
 * What is to be done follows from the difference of two states: a wire is open exactly in connecting and live, another number is
 * another wire, and the one timer rings at the deadline. Failures in a row are forgotten by progress only, never by a wire that
 * merely opened. Which transport is opened is the ladder's matter.
 */
import { retryDelayMs } from './backoff.ts';
import {
  because,
  type ConnectionEvent,
  type ConnectionPhase,
  hasWire,
  IDLE,
  type Reason,
  type StepInput,
} from './connection-phase.ts';

/** The interval assumed when a server names none. */
const USUAL_HEARTBEAT_MS = 25_000;
/** What the server's `retry:` or `retryMs` is clamped to: 0 would make a storm, an hour would look like a hang. */
const MIN_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

export function stepConnection(state: ConnectionPhase, event: ConnectionEvent, input: StepInput): ConnectionPhase {
  const { kind } = state;
  const isOnWire = hasWire(state);
  const isWaiting = kind === 'reconnecting' || kind === 'offline';
  switch (event.type) {
    case 'emptied':
      return rest(state, 'idle');
    case 'wanted':
      // A verdict concerns the request that was made: other channels are another request.
      return isOnWire || isWaiting ? state : open(state, input);
    case 'reconnect':
      return kind === 'idle' || kind === 'live' ? state : open(state, input);
    case 'wake':
      if (input.now < state.deadline) return state;
      return isWaiting ? open(state, input) : drop(state, kind === 'live' ? SILENT : TIMEOUT, input);
    case 'online':
    case 'visible':
      // Awake after who knows how long: what is overdue is not waited for.
      if (input.now >= state.renewAt) return open(state, input, kind === 'live' ? SILENT.reason : state.reason);
      return isWaiting ? { ...state, kind: 'reconnecting', deadline: Math.min(state.deadline, state.renewAt) } : state;
    case 'offline':
      if (isWaiting) return { ...state, ...OFFLINE, kind: 'offline' };
      return isOnWire ? drop(state, OFFLINE, { ...input, online: false }) : state;
    case 'refused':
      if (isOnWire && event.refreshable && !state.refreshed) return { ...open(state, input), refreshed: true };
      return rest(state, 'failed', event.reason);
    default:
      return isOnWire ? stepWire(state, event, input) : state;
  }
}

/** What a wire tells. */
function stepWire(state: ConnectionPhase, event: ConnectionEvent, input: StepInput): ConnectionPhase {
  const { now } = input;
  switch (event.type) {
    case 'connected': {
      const heartbeatMs = event.heartbeatMs || USUAL_HEARTBEAT_MS;
      const live = { ...state, kind: 'live', since: now, heartbeatMs, reason: undefined, refreshed: false } as const;
      return heard(live, input);
    }
    case 'read': {
      const { kind, since = now, heartbeatMs = 0 } = state;
      if (kind !== 'live') return state;
      return heard(now - since < heartbeatMs ? state : { ...state, failures: 0 }, input);
    }
    case 'progress':
      return { ...state, failures: 0 };
    case 'retry':
      return { ...state, floorMs: Math.min(Math.max(event.ms, MIN_RETRY_MS), MAX_RETRY_MS) };
    case 'again':
      return open(state, input, event.reason ?? state.reason);
    case 'dropped':
      return drop(state, event, input);
    default:
      return state;
  }
}

const TIMEOUT: Drop = { reason: because('CONNECT_TIMEOUT') };
const SILENT: Drop = { reason: because('HEARTBEAT_LOST') };
const OFFLINE: Drop = { reason: because('OFFLINE') };

function rest({ wire }: ConnectionPhase, kind: 'idle' | 'failed', reason?: Reason): ConnectionPhase {
  return { ...IDLE, wire, kind, reason };
}

/** Whoever begins anew has no reason. */
function open(
  state: ConnectionPhase,
  { now, timeoutMs }: StepInput,
  reason: Reason | undefined = state.kind === 'failed' ? undefined : state.reason,
): ConnectionPhase {
  const until = now + timeoutMs;
  return {
    ...state,
    kind: 'connecting',
    wire: state.wire + 1,
    refreshed: false,
    deadline: until,
    renewAt: until,
    reason,
  };
}

/** Every byte has so much credit. A page that is seen again gives half of it: its wire may have died in its sleep. */
function heard(state: ConnectionPhase, { now, rules }: StepInput): ConnectionPhase {
  const { heartbeatMs = 0 } = state;
  const creditMs = rules.silentHeartbeats * heartbeatMs;
  return { ...state, deadline: now + creditMs, renewAt: now + creditMs / 2 };
}

interface Drop {
  readonly reason: Reason;
  readonly retryAfterMs?: number | undefined;
}

/** The server's latest word on when to come back is the floor: this close's, or else its `retry:`. */
function drop(state: ConnectionPhase, { reason, retryAfterMs }: Drop, input: StepInput): ConnectionPhase {
  const { now, random, online, rules } = input;
  const failures = state.failures + 1;
  const downSince = (state.failures > 0 ? state.downSince : undefined) ?? now;
  const floorMs = retryAfterMs ?? state.floorMs;
  const delayMs = retryDelayMs({ failures, outageMs: now - downSince, floorMs, random }, rules);
  // A browser can be wrong about being offline (a server on this machine, a virtual network): it is asked again at the cap.
  const deadline = now + (online ? delayMs : Math.max(delayMs, rules.capMs));
  const renewAt = now + (retryAfterMs ?? 0);
  return { ...state, kind: online ? 'reconnecting' : 'offline', failures, downSince, deadline, renewAt, reason };
}
