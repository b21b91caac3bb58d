/**
 * The life of the client's one stream, as a pure function: state x event -> state + effects. Time and randomness are inputs.
 *
 *          changed               connected               changed, reconnect, retry of a refused channel
 *   idle ──────────► connecting ───────────► live ─────────────────────────────────────────► switching
 *    ▲                │  ▲   │                │ ▲                                              │   │
 *    │ emptied        │  │   │ refused        │ └──────────────── connected ───────────────────┘   │
 *    │ (from          │  │   ▼                │ dropped, silence                                   │ dropped
 *    │  anywhere)     │  │ failed ◄───────────┤                                                    │
 *    │                │  │   │ changed,       ▼                                                    │
 *    │      dropped,  │  │   │ reconnect   reconnecting ◄──────────────────────────────────────────┘
 *    │      timeout   │  └───┴──────────────┤  ▲
 *    │                └─────────────────────┼──┘         `offline` leads from every state with a stream or a wait to
 *    └──────────────────────────────────────┘            offline; `online`, `visible` or the cap lead back to connecting.
 *
 * Invariants: a stream is open exactly in connecting, switching and live; at most one deadline is set (`deadlineOf`);
 * failures in a row are forgotten by progress only, never by a stream that merely opened.
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
} from './connection-phase.ts';

const FRESH: Memory = { failures: 0, floorMs: 0, notBefore: 0 };
const CLOSE: ConnectionEffect = { kind: 'close' };
const OPEN: ConnectionEffect = { kind: 'open', freshToken: false };

export function stepConnection(state: ConnectionPhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  switch (state.kind) {
    case 'idle':
      return event.kind === 'changed' ? open(FRESH, input) : stay(state);
    case 'connecting':
    case 'switching':
      return whileOpening(state, event, input);
    case 'live':
      return whileLive(state, event, input);
    case 'reconnecting':
    case 'offline':
      return whileWaiting(state, event, input);
    case 'failed':
      return whileFailed(state, event, input);
  }
}

type OpeningPhase = Extract<ConnectionPhase, { kind: 'connecting' | 'switching' }>;
type LivePhase = Extract<ConnectionPhase, { kind: 'live' }>;
type WaitingPhase = Extract<ConnectionPhase, { kind: 'reconnecting' | 'offline' }>;
type FailedPhase = Extract<ConnectionPhase, { kind: 'failed' }>;

function whileOpening(state: OpeningPhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  const late = input.now >= state.until;
  switch (event.kind) {
    case 'changed':
      return reopen(state.kind, state, input);
    case 'reconnect':
      return reopen('connecting', state, input);
    case 'visible':
      return late ? reopen('connecting', state, input) : stay(state);
    case 'wake':
      return late ? drop(state, { reason: TIMEOUT, online: true }, input) : stay(state);
    default:
      return withStream(state, event, input);
  }
}

function whileLive(state: LivePhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  const { now, random, rules } = input;
  const silent = now >= state.silentUntil;
  switch (event.kind) {
    case 'activity': {
      const kept = now - state.since >= state.heartbeatMs ? progressed(state) : state;
      return stay({ ...kept, silentUntil: now + rules.silentHeartbeats * state.heartbeatMs });
    }
    case 'progress':
      return stay(progressed(state));
    case 'refresh': {
      const at = now + retryDelayMs({ failures: rules.circuitFailures, floorMs: state.floorMs, random }, rules);
      return stay({ ...state, refreshAt: Math.min(state.refreshAt, at) });
    }
    case 'wake':
      if (silent) return drop(state, { reason: SILENT, online: true }, input);
      return now >= state.refreshAt ? reopen('switching', state, input) : stay(state);
    case 'visible':
      return silent ? reopen('connecting', { ...state, reason: SILENT }, input) : stay(state);
    case 'changed':
    case 'reconnect':
      return reopen('switching', state, input);
    default:
      return withStream(state, event, input);
  }
}

/** What an open stream and one being opened have in common. */
function withStream(state: OpeningPhase | LivePhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  switch (event.kind) {
    case 'connected':
      return stay(goLive(state, event.heartbeatMs, input));
    case 'retry':
      return stay({ ...state, floorMs: event.ms });
    case 'dropped':
      return drop(state, event, input);
    case 'refused':
      return event.refreshable && (state.kind === 'live' || !state.refreshed)
        ? retryWithFreshToken(state, input)
        : { state: { kind: 'failed', reason: event.reason }, effects: [CLOSE] };
    case 'offline':
      return drop(state, { reason: OFFLINE, online: false }, input);
    case 'emptied':
      return { state: IDLE, effects: [CLOSE] };
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
    case 'offline':
      return stay({ ...state, kind: 'offline', reason: OFFLINE });
    case 'emptied':
      return stay(IDLE);
    default:
      return stay(state);
  }
}

/** A verdict concerns the request that was made: another set of channels is another request. */
function whileFailed(state: FailedPhase, event: ConnectionEvent, input: StepInput): ConnectionStep {
  if (event.kind === 'emptied') return stay(IDLE);
  return event.kind === 'changed' || event.kind === 'reconnect' ? open(FRESH, input) : stay(state);
}

const TIMEOUT: Reason = { code: 'CONNECT_TIMEOUT', message: 'The server did not answer in time.' };
const SILENT: Reason = { code: 'HEARTBEAT_LOST', message: 'The server was silent for more than two heartbeats.' };
const OFFLINE: Reason = { code: 'OFFLINE', message: 'The browser says that there is no network.' };

function stay(state: ConnectionPhase): ConnectionStep {
  return { state, effects: [] };
}

function memoryOf({ failures, floorMs, notBefore, reason }: Memory): Memory {
  return reason === undefined ? { failures, floorMs, notBefore } : { failures, floorMs, notBefore, reason };
}

function opening(kind: OpeningPhase['kind'], memory: Memory, input: StepInput): OpeningPhase {
  return { ...memoryOf(memory), kind, until: input.now + input.rules.connectTimeoutMs, refreshed: false };
}

function open(memory: Memory, input: StepInput): ConnectionStep {
  return { state: opening('connecting', memory, input), effects: [OPEN] };
}

function reopen(kind: OpeningPhase['kind'], memory: Memory, input: StepInput): ConnectionStep {
  return { state: opening(kind, memory, input), effects: [CLOSE, OPEN] };
}

function retryWithFreshToken(memory: OpeningPhase | LivePhase, input: StepInput): ConnectionStep {
  const state: OpeningPhase = { ...opening('connecting', memory, input), refreshed: true };
  return { state, effects: [CLOSE, { kind: 'open', freshToken: true }] };
}

function goLive(memory: Memory, heartbeatMs: number, { now, rules }: StepInput): LivePhase {
  const { failures, floorMs, notBefore } = memory;
  const silentUntil = now + rules.silentHeartbeats * heartbeatMs;
  return { kind: 'live', failures, floorMs, notBefore, since: now, heartbeatMs, silentUntil, refreshAt: Infinity };
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
  const delayMs = retryDelayMs({ failures, floorMs: retryAfterMs ?? memory.floorMs, random }, rules);
  const notBefore = retryAfterMs === undefined ? 0 : now + retryAfterMs;
  const kept = { failures, floorMs: memory.floorMs, notBefore, reason };
  if (online) return { state: { ...kept, kind: 'reconnecting', retryAt: now + delayMs }, effects: [CLOSE] };
  // A browser can be wrong about being offline (a server on this machine, a virtual network): it is asked again at the cap.
  return { state: { ...kept, kind: 'offline', retryAt: now + Math.max(delayMs, rules.capMs) }, effects: [CLOSE] };
}
