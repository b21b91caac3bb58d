/**
 * The life of the client's one connection, as a pure function: state x event -> state + effects. Time and randomness are inputs.
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
 * Invariants: a wire is open exactly in connecting and live; at most one deadline is set (`deadlineOf`); failures in a row are
 * forgotten by progress only, never by a wire that merely opened. Which transport is opened is the ladder's matter.
 */
import { retryDelayMs } from './backoff.ts';
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionPhase,
  type ConnectionStep,
  IDLE,
  type Memory,
  type Reason,
  type StepInput,
  silentAt,
} from './connection-phase.ts';

const FRESH: Memory = { failures: 0, downSince: 0, floorMs: 0, notBefore: 0 };
const CLOSE: ConnectionEffect = { kind: 'close' };
const OPEN: ConnectionEffect = { kind: 'open', freshToken: false };

type ConnectingPhase = Extract<ConnectionPhase, { kind: 'connecting' }>;
type LivePhase = Extract<ConnectionPhase, { kind: 'live' }>;
type WaitingPhase = Extract<ConnectionPhase, { kind: 'reconnecting' | 'offline' }>;

export function stepConnection(state: ConnectionPhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  if (event.kind === 'emptied') {
    return { state: IDLE, effects: state.kind === 'connecting' || state.kind === 'live' ? [CLOSE] : [] };
  }
  switch (state.kind) {
    case 'idle':
      return event.kind === 'wanted' ? open(FRESH, input) : stay(state);
    case 'connecting':
      return whileConnecting(state, event, input);
    case 'live':
      return whileLive(state, event, input);
    case 'reconnecting':
    case 'offline':
      return whileWaiting(state, event, input);
    case 'failed':
      // A verdict concerns the request that was made: other channels are another request.
      return event.kind === 'wanted' || event.kind === 'reconnect' ? open(FRESH, input) : stay(state);
  }
}

function whileConnecting(state: ConnectingPhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  const late = input.now >= state.until;
  if (event.kind === 'wake') return late ? { state, effects: [{ kind: 'timeout' }] } : stay(state);
  if (event.kind === 'reconnect' || (event.kind === 'visible' && late)) return reopen(state, input);
  return withWire(state, event, input);
}

function whileLive(state: LivePhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  const { now, random, rules } = input;
  switch (event.kind) {
    case 'activity':
      return stay({ ...(now - state.since >= state.heartbeatMs ? progressed(state) : state), heardAt: now });
    case 'progress':
      return stay(progressed(state));
    case 'refresh': {
      const { floorMs } = state;
      const failures = rules.circuitFailures;
      const at = now + retryDelayMs({ failures, outageMs: Infinity, floorMs, random }, rules);
      return stay({ ...state, refreshAt: Math.min(state.refreshAt, at) });
    }
    case 'reconnect':
      return { state: { ...state, refreshAt: Infinity }, effects: [{ kind: 'retry-channels' }] };
    case 'wake':
      if (now >= silentAt(state, rules)) return drop(state, { reason: SILENT, online: true }, input);
      return now < state.refreshAt
        ? stay(state)
        : { state: { ...state, refreshAt: Infinity }, effects: [{ kind: 'retry-channels' }] };
    case 'visible':
      // Awake after who knows how long: a wire that owes a heartbeat is not waited for.
      return now - state.heardAt > 1.25 * state.heartbeatMs ? reopen({ ...state, reason: SILENT }, input) : stay(state);
    default:
      return withWire(state, event, input);
  }
}

/** What an open wire and one being opened have in common. */
function withWire(state: ConnectingPhase | LivePhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  switch (event.kind) {
    case 'connected':
      return stay(goLive(state, event.heartbeatMs, input));
    case 'again':
      return reopen(event.reason === undefined ? state : { ...state, reason: event.reason }, input);
    case 'retry':
      return stay({ ...state, floorMs: event.ms });
    case 'dropped':
      return drop(state, event, input);
    case 'refused':
      return event.refreshable && (state.kind === 'live' || !state.refreshed)
        ? { state: { ...opening(state, input), refreshed: true }, effects: [CLOSE, { kind: 'open', freshToken: true }] }
        : { state: { kind: 'failed', reason: event.reason }, effects: [CLOSE] };
    case 'offline':
      return drop(state, { reason: OFFLINE, online: false }, input);
    default:
      return stay(state);
  }
}

function whileWaiting(state: WaitingPhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  switch (event.kind) {
    case 'wake':
      return input.now >= state.retryAt ? open(state, input) : stay(state);
    case 'online':
    case 'visible':
      if (input.now >= state.notBefore) return open(state, input);
      return stay({ ...state, kind: 'reconnecting', retryAt: Math.min(state.retryAt, state.notBefore) });
    case 'reconnect':
      return open(state, input);
    case 'refused':
      return stay({ kind: 'failed', reason: event.reason });
    case 'offline':
      return stay({ ...state, kind: 'offline', reason: OFFLINE });
    default:
      return stay(state);
  }
}

export const TIMEOUT: Reason = { code: 'CONNECT_TIMEOUT', message: 'The server did not answer in time.' };
const SILENT: Reason = { code: 'HEARTBEAT_LOST', message: 'The server fell silent.' };
const OFFLINE: Reason = { code: 'OFFLINE', message: 'The browser says that there is no network.' };

function stay(state: ConnectionPhase): ConnectionStep {
  return { state, effects: [] };
}

function opening(memory: Memory, { now, timeoutMs }: StepInput): ConnectingPhase {
  const { failures, downSince, floorMs, notBefore, reason } = memory;
  const kept = { kind: 'connecting', failures, downSince, floorMs, notBefore } as const;
  const opened = { ...kept, until: now + timeoutMs, refreshed: false };
  return reason === undefined ? opened : { ...opened, reason };
}

function open(memory: Memory, input: StepInput): ConnectionStep {
  return { state: opening(memory, input), effects: [OPEN] };
}

function reopen(memory: Memory, input: StepInput): ConnectionStep {
  return { state: opening(memory, input), effects: [CLOSE, OPEN] };
}

function goLive(memory: Memory, heartbeatMs: number, { now }: StepInput): LivePhase {
  const { failures, downSince, floorMs, notBefore } = memory;
  const kept = { kind: 'live', failures, downSince, floorMs, notBefore } as const;
  return { ...kept, since: now, heartbeatMs, heardAt: now, refreshAt: Infinity };
}

/** The same object when there is nothing to forget: this runs for every event. */
function progressed(state: LivePhase): LivePhase {
  return state.failures === 0 && state.notBefore === 0 ? state : { ...state, failures: 0, notBefore: 0 };
}

interface Drop {
  readonly reason: Reason;
  readonly online: boolean;
  readonly retryAfterMs?: number;
}

/** The server's latest word on when to come back is the floor: this close's, or else its `retry:`. */
function drop(memory: Memory, { reason, online, retryAfterMs }: Drop, input: StepInput): ConnectionStep {
  const { now, random, rules } = input;
  const failures = memory.failures + 1;
  const downSince = memory.failures === 0 ? now : memory.downSince;
  const floorMs = retryAfterMs ?? memory.floorMs;
  const delayMs = retryDelayMs({ failures, outageMs: now - downSince, floorMs, random }, rules);
  const notBefore = retryAfterMs === undefined ? 0 : now + retryAfterMs;
  const kept = { failures, downSince, floorMs: memory.floorMs, notBefore, reason };
  if (online) return { state: { ...kept, kind: 'reconnecting', retryAt: now + delayMs }, effects: [CLOSE] };
  // A browser can be wrong about being offline (a server on this machine, a virtual network): it is asked again at the cap.
  return { state: { ...kept, kind: 'offline', retryAt: now + Math.max(delayMs, rules.capMs) }, effects: [CLOSE] };
}
