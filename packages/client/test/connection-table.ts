/** The truth table of the connection machine: every state by every event. A cell that is forgotten does not compile. */
import { stepConnection } from '../src/connection-machine.ts';
import {
  type ConnectionEvent,
  type ConnectionPhase,
  DEFAULT_RULES,
  hasWire,
  IDLE,
  type PhaseKind,
} from '../src/connection-phase.ts';

export type Kind = PhaseKind;

export type EventKind = ConnectionEvent['type'];

/** Next state, then what follows from the two: C closes the wire, O opens one, F opens one with a fresh token. */
export type Cell = `${Kind} ${'-' | 'C' | 'O' | 'CO' | 'CF'}`;

export const REASON = { code: 'X', message: 'x' };

export const NOW = 1_000_000;

export const RULES = DEFAULT_RULES;

/** Of the attempts that the machine begins. */
export const TIMEOUT_MS = 1234;

export const TRIED: ConnectionPhase = { ...IDLE, wire: 7, failures: 2, downSince: NOW - 60_000, reason: REASON };

/** None of them is at its deadline. */
export const STATES: { readonly [K in Kind]: ConnectionPhase } = {
  idle: { ...IDLE, wire: 7 },
  connecting: { ...TRIED, kind: 'connecting', deadline: NOW + 5000, renewAt: NOW + 5000 },
  live: {
    ...TRIED,
    kind: 'live',
    reason: undefined,
    since: NOW - 1,
    heartbeatMs: 10_000,
    deadline: NOW + 25_000,
    renewAt: NOW + 12_500,
  },
  reconnecting: { ...TRIED, kind: 'reconnecting', deadline: NOW + 5000, renewAt: NOW },
  offline: { ...TRIED, kind: 'offline', deadline: NOW + 5000, renewAt: NOW },
  failed: { ...IDLE, wire: 7, kind: 'failed', reason: REASON },
};

export const EVENTS: { readonly [E in EventKind]: Extract<ConnectionEvent, { type: E }> } = {
  wanted: { type: 'wanted' },
  emptied: { type: 'emptied' },
  again: { type: 'again' },
  connected: { type: 'connected', heartbeatMs: 10_000 },
  read: { type: 'read' },
  progress: { type: 'progress' },
  retry: { type: 'retry', ms: 3000 },
  dropped: { type: 'dropped', reason: REASON },
  refused: { type: 'refused', reason: REASON, refreshable: false },
  wake: { type: 'wake' },
  online: { type: 'online' },
  offline: { type: 'offline' },
  visible: { type: 'visible' },
  reconnect: { type: 'reconnect' },
};

export const TABLE: Record<Kind, Record<EventKind, Cell>> = {
  idle: {
    wanted: 'connecting O',
    emptied: 'idle -',
    again: 'idle -',
    connected: 'idle -',
    read: 'idle -',
    progress: 'idle -',
    retry: 'idle -',
    dropped: 'idle -',
    refused: 'failed -',
    wake: 'idle -',
    online: 'idle -',
    offline: 'idle -',
    visible: 'idle -',
    reconnect: 'idle -',
  },
  connecting: {
    wanted: 'connecting -',
    emptied: 'idle C',
    again: 'connecting CO',
    connected: 'live -',
    read: 'connecting -',
    progress: 'connecting -',
    retry: 'connecting -',
    dropped: 'reconnecting C',
    refused: 'failed C',
    wake: 'connecting -',
    online: 'connecting -',
    offline: 'offline C',
    visible: 'connecting -',
    reconnect: 'connecting CO',
  },
  live: {
    wanted: 'live -',
    emptied: 'idle C',
    again: 'connecting CO',
    connected: 'live -',
    read: 'live -',
    progress: 'live -',
    retry: 'live -',
    dropped: 'reconnecting C',
    refused: 'failed C',
    wake: 'live -',
    online: 'live -',
    offline: 'offline C',
    visible: 'live -',
    reconnect: 'live -',
  },
  reconnecting: {
    wanted: 'reconnecting -',
    emptied: 'idle -',
    again: 'reconnecting -',
    connected: 'reconnecting -',
    read: 'reconnecting -',
    progress: 'reconnecting -',
    retry: 'reconnecting -',
    dropped: 'reconnecting -',
    refused: 'failed -',
    wake: 'reconnecting -',
    online: 'connecting O',
    offline: 'offline -',
    visible: 'connecting O',
    reconnect: 'connecting O',
  },
  offline: {
    wanted: 'offline -',
    emptied: 'idle -',
    again: 'offline -',
    connected: 'offline -',
    read: 'offline -',
    progress: 'offline -',
    retry: 'offline -',
    dropped: 'offline -',
    refused: 'failed -',
    wake: 'offline -',
    online: 'connecting O',
    offline: 'offline -',
    visible: 'connecting O',
    reconnect: 'connecting O',
  },
  failed: {
    wanted: 'connecting O',
    emptied: 'idle -',
    again: 'failed -',
    connected: 'failed -',
    read: 'failed -',
    progress: 'failed -',
    retry: 'failed -',
    dropped: 'failed -',
    refused: 'failed -',
    wake: 'failed -',
    online: 'failed -',
    offline: 'failed -',
    visible: 'failed -',
    reconnect: 'connecting O',
  },
};

/** Where the moment or the event's details decide: [state, event, milliseconds later, cell]. */
export const FURTHER: readonly (readonly [ConnectionPhase, ConnectionEvent, number, Cell])[] = [
  [STATES.connecting, EVENTS.wake, 4999, 'connecting -'],
  [STATES.connecting, EVENTS.wake, 5000, 'reconnecting C'],
  [STATES.connecting, EVENTS.visible, 4999, 'connecting -'],
  [STATES.connecting, EVENTS.visible, 5000, 'connecting CO'],
  [STATES.connecting, { ...EVENTS.refused, refreshable: true }, 0, 'connecting CF'],
  [{ ...STATES.connecting, refreshed: true }, { ...EVENTS.refused, refreshable: true }, 0, 'failed C'],
  [STATES.live, EVENTS.wake, 24_999, 'live -'],
  [STATES.live, EVENTS.wake, 25_000, 'reconnecting C'],
  // A page that is seen again asks sooner than one that watches all the while: its wire may have died in its sleep.
  [STATES.live, EVENTS.visible, 12_499, 'live -'],
  [STATES.live, EVENTS.visible, 12_500, 'connecting CO'],
  [STATES.live, EVENTS.online, 12_500, 'connecting CO'],
  [STATES.live, { ...EVENTS.refused, refreshable: true }, 0, 'connecting CF'],
  [STATES.reconnecting, EVENTS.wake, 5000, 'connecting O'],
  [STATES.offline, EVENTS.wake, 5000, 'connecting O'],
  [{ ...STATES.reconnecting, renewAt: NOW + 1 }, EVENTS.visible, 0, 'reconnecting -'],
  [{ ...STATES.reconnecting, renewAt: NOW + 1 }, EVENTS.online, 1, 'connecting O'],
  [{ ...STATES.reconnecting, renewAt: NOW + 1 }, EVENTS.reconnect, 0, 'connecting O'],
  [{ ...STATES.offline, renewAt: NOW + 1 }, EVENTS.online, 0, 'reconnecting -'],
];

export interface Moment {
  readonly event: ConnectionEvent;
  /** Milliseconds since the one before. */
  readonly after: number;
  readonly random: number;
  readonly online: boolean;
}

export function step(
  state: ConnectionPhase,
  event: ConnectionEvent,
  now = NOW,
  more: Partial<Moment> = {},
): ConnectionPhase {
  const { random = 0.5, online = true } = more;
  return stepConnection(state, event, { now, random, online, rules: RULES, timeoutMs: TIMEOUT_MS });
}

/** What the connection does: it closes a wire that is not wanted any more, and opens another where the number is another. */
export function cellOf(before: ConnectionPhase, after: ConnectionPhase): string {
  const isAnother = after.wire !== before.wire;
  const closes = hasWire(before) && (isAnother || !hasWire(after)) ? 'C' : '';
  const opens = isAnother ? (after.refreshed ? 'F' : 'O') : '';
  return `${after.kind} ${closes + opens || '-'}`;
}
