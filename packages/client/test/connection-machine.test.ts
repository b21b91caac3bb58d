/** Every cell of state x event of the connection machine, and what holds over all of its histories. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepConnection } from '../src/connection-machine.ts';
import {
  type ConnectionEvent,
  type ConnectionPhase,
  DEFAULT_RULES,
  hasWire,
  IDLE,
  type PhaseKind,
} from '../src/connection-phase.ts';

type Kind = PhaseKind;
type EventKind = ConnectionEvent['type'];
/** Next state, then what follows from the two: C closes the wire, O opens one, F opens one with a fresh token. */
type Cell = `${Kind} ${'-' | 'C' | 'O' | 'CO' | 'CF'}`;

const REASON = { code: 'X', message: 'x' };
const NOW = 1_000_000;
const RULES = DEFAULT_RULES;
/** Of the attempts that the machine begins. */
const TIMEOUT_MS = 1234;

const TRIED: ConnectionPhase = { ...IDLE, wire: 7, failures: 2, downSince: NOW - 60_000, reason: REASON };

/** None of them is at its deadline. */
const STATES: { readonly [K in Kind]: ConnectionPhase } = {
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

const EVENTS: { readonly [E in EventKind]: Extract<ConnectionEvent, { type: E }> } = {
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

const TABLE: Record<Kind, Record<EventKind, Cell>> = {
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
const FURTHER: readonly (readonly [ConnectionPhase, ConnectionEvent, number, Cell])[] = [
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

interface Moment {
  readonly event: ConnectionEvent;
  /** Milliseconds since the one before. */
  readonly after: number;
  readonly random: number;
  readonly online: boolean;
}

function step(state: ConnectionPhase, event: ConnectionEvent, now = NOW, more: Partial<Moment> = {}): ConnectionPhase {
  const { random = 0.5, online = true } = more;
  return stepConnection(state, event, { now, random, online, rules: RULES, timeoutMs: TIMEOUT_MS });
}

/** What the connection does: it closes a wire that is not wanted any more, and opens another where the number is another. */
function cellOf(before: ConnectionPhase, after: ConnectionPhase): string {
  const isAnother = after.wire !== before.wire;
  const closes = hasWire(before) && (isAnother || !hasWire(after)) ? 'C' : '';
  const opens = isAnother ? (after.refreshed ? 'F' : 'O') : '';
  return `${after.kind} ${closes + opens || '-'}`;
}

const kinds = Object.values(STATES);
const events = Object.values(EVENTS);

describe('the connection machine', () => {
  it.each(kinds.flatMap((state) => events.map((event) => ({ state, event, cell: TABLE[state.kind][event.type] }))))(
    '$state.kind x $event.type -> $cell',
    ({ state, event, cell }) => {
      expect(cellOf(state, step(state, event))).toBe(cell);
    },
  );

  it.each(FURTHER.map(([state, event, later, cell]) => ({ state, event, later, cell })))(
    '$state.kind x $event.type, $later ms later -> $cell',
    ({ state, event, later, cell }) => {
      expect(cellOf(state, step(state, event, NOW + later))).toBe(cell);
    },
  );

  it('forgets failures by progress, not by a wire that opened', () => {
    const live = step(STATES.connecting, EVENTS.connected);
    const early = step(live, EVENTS.read, NOW + 9999);
    const kept = step(live, EVENTS.read, NOW + 10_000);
    const processed = step(live, EVENTS.progress, NOW + 1);

    expect([live, early, kept, processed].map(({ failures }) => failures)).toEqual([2, 2, 0, 0]);
  });

  it('gives every byte 2.5 heartbeats of credit', () => {
    expect(step(STATES.live, EVENTS.read, NOW + 1000).deadline).toBe(NOW + 26_000);
  });

  it('waits at least as long as the server asked: its close, or else its retry', () => {
    const asked = step(STATES.live, EVENTS.retry);
    const plain = step(asked, EVENTS.dropped, NOW, { random: 0 });
    const busy = step(asked, { ...EVENTS.dropped, retryAfterMs: 40_000 }, NOW, { random: 0 });

    expect([plain, busy].map(({ deadline }) => deadline)).toEqual([NOW + 3000, NOW + 40_000]);
  });

  it.each<readonly [string, ConnectionEvent]>([
    ['tells of it', EVENTS.offline],
    ['is when the wire breaks', EVENTS.dropped],
  ])('asks a browser that %s offline again at the cap, since it can be wrong', (_, event) => {
    const state = step(STATES.live, event, NOW, { online: false });

    expect(state).toMatchObject({ kind: 'offline', deadline: NOW + RULES.capMs });
  });

  it('gives every attempt the time that it is told', () => {
    const opened = [step(IDLE, EVENTS.wanted), step(STATES.live, EVENTS.again), step(STATES.offline, EVENTS.online)];

    expect(opened.map(({ deadline }) => deadline)).toEqual(Array(3).fill(NOW + TIMEOUT_MS));
  });

  it('says why it left a wire on purpose, until it is live again', () => {
    const left = step(STATES.live, { type: 'again', reason: REASON });

    expect(left).toMatchObject({ kind: 'connecting', reason: REASON });
    expect(step(left, EVENTS.connected).reason).toBeUndefined();
  });
});

const event: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  fc.constantFrom(...events),
  fc.record({ type: fc.constant('refused' as const), reason: fc.constant(REASON), refreshable: fc.boolean() }),
  fc.record({
    type: fc.constant('dropped' as const),
    reason: fc.constant(REASON),
    retryAfterMs: fc.nat(100_000),
  }),
);

/** Events in any order, each after some time: often none, sometimes up to two minutes. */
const history: fc.Arbitrary<Moment[]> = fc.array(
  fc.record({
    event,
    after: fc.oneof(fc.constant(0), fc.nat(2000), fc.nat(120_000)),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    online: fc.boolean(),
  }),
  { maxLength: 60 },
);

describe('any history of the connection machine', () => {
  it('has a wire exactly while connecting or live, another whenever it connects, and never one that it had before', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let state = IDLE;
        let now = NOW;
        for (const moment of steps) {
          now += moment.after;
          const before = state;
          state = step(before, moment.event, now, moment);
          expect(hasWire(state)).toBe(['connecting', 'live'].includes(state.kind));
          expect([before.wire, before.wire + 1]).toContain(state.wire);
          if (!hasWire(before) && hasWire(state)) expect(state.wire).toBe(before.wire + 1);
          if (state.kind !== 'connecting') expect(state.wire).toBe(before.wire);
        }
      }),
    );
  });

  it('always wakes up by itself unless it is idle or failed, and never later than a minute after the server allows it', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let state = IDLE;
        let now = NOW;
        for (const moment of steps) {
          now += moment.after;
          state = step(state, moment.event, now, moment);
          const { kind, deadline, renewAt } = state;
          if (kind === 'idle' || kind === 'failed') expect(deadline).toBe(Number.POSITIVE_INFINITY);
          else expect(deadline).toBeLessThan(Math.max(now, renewAt) + 60_000);
        }
      }),
    );
  });

  it('gets back to a wire by its own deadlines alone, however often it failed (never polling for ever)', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let now = NOW;
        let state = step(IDLE, EVENTS.wanted);
        for (const moment of steps) {
          if (moment.event.type === 'emptied' || moment.event.type === 'refused') continue;
          now += moment.after;
          state = step(state, moment.event, now, moment);
        }
        for (let rounds = 0; rounds < 3 && state.kind !== 'connecting'; rounds += 1) {
          now = Math.max(now, state.deadline);
          state = step(state, EVENTS.wake, now);
        }

        expect(state.kind).toBe('connecting');
        expect(step(state, EVENTS.connected, now).kind).toBe('live');
      }),
    );
  });

  it('never changes on events that say nothing new', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), (state) => {
        expect(step(state, EVENTS.wake)).toBe(state);
      }),
    );
  });
});
