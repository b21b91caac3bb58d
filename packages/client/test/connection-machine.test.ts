/** Every cell of state x event of the connection machine, and what holds over all of its histories. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stepConnection } from '../src/connection-machine.ts';
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionPhase,
  type ConnectionStep,
  DEFAULT_RULES,
  deadlineOf,
  IDLE,
} from '../src/connection-phase.ts';

type Kind = ConnectionPhase['kind'];
type EventKind = ConnectionEvent['kind'];
/**
 * Next state, then the effects in order: C closes the wire, O opens one, F opens one with a fresh token, T says that the attempt took
 * too long, R that channels refused for now are to be asked for again.
 */
type Cell = `${Kind} ${'-' | 'C' | 'O' | 'CO' | 'CF' | 'T' | 'R'}`;

const REASON = { code: 'X', message: 'x' };
const NOW = 1_000_000;
const MEMORY = { failures: 2, downSince: NOW - 60_000, floorMs: 0, notBefore: 0, reason: REASON };
const RULES = DEFAULT_RULES;
/** Of the attempts that the machine begins. */
const TIMEOUT_MS = 1234;

/** None of them is at its deadline. */
const STATES: { readonly [K in Kind]: Extract<ConnectionPhase, { kind: K }> } = {
  idle: { kind: 'idle' },
  connecting: { ...MEMORY, kind: 'connecting', until: NOW + 5000, refreshed: false },
  live: {
    failures: 2,
    downSince: NOW - 60_000,
    floorMs: 0,
    notBefore: 0,
    kind: 'live',
    since: NOW - 1,
    heartbeatMs: 10_000,
    heardAt: NOW,
    refreshAt: Number.POSITIVE_INFINITY,
  },
  reconnecting: { ...MEMORY, kind: 'reconnecting', retryAt: NOW + 5000 },
  offline: { ...MEMORY, kind: 'offline', retryAt: NOW + 5000 },
  failed: { kind: 'failed', reason: REASON },
};

const EVENTS: { readonly [E in EventKind]: Extract<ConnectionEvent, { kind: E }> } = {
  wanted: { kind: 'wanted' },
  emptied: { kind: 'emptied' },
  again: { kind: 'again' },
  connected: { kind: 'connected', heartbeatMs: 10_000 },
  activity: { kind: 'activity' },
  progress: { kind: 'progress' },
  retry: { kind: 'retry', ms: 3000 },
  refresh: { kind: 'refresh' },
  dropped: { kind: 'dropped', reason: REASON, online: true },
  refused: { kind: 'refused', reason: REASON, refreshable: false },
  wake: { kind: 'wake' },
  online: { kind: 'online' },
  offline: { kind: 'offline' },
  visible: { kind: 'visible' },
  reconnect: { kind: 'reconnect' },
};

const TABLE: Record<Kind, Record<EventKind, Cell>> = {
  idle: {
    wanted: 'connecting O',
    emptied: 'idle -',
    again: 'idle -',
    connected: 'idle -',
    activity: 'idle -',
    progress: 'idle -',
    retry: 'idle -',
    refresh: 'idle -',
    dropped: 'idle -',
    refused: 'idle -',
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
    activity: 'connecting -',
    progress: 'connecting -',
    retry: 'connecting -',
    refresh: 'connecting -',
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
    activity: 'live -',
    progress: 'live -',
    retry: 'live -',
    refresh: 'live -',
    dropped: 'reconnecting C',
    refused: 'failed C',
    wake: 'live -',
    online: 'live -',
    offline: 'offline C',
    visible: 'live -',
    reconnect: 'live R',
  },
  reconnecting: {
    wanted: 'reconnecting -',
    emptied: 'idle -',
    again: 'reconnecting -',
    connected: 'reconnecting -',
    activity: 'reconnecting -',
    progress: 'reconnecting -',
    retry: 'reconnecting -',
    refresh: 'reconnecting -',
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
    activity: 'offline -',
    progress: 'offline -',
    retry: 'offline -',
    refresh: 'offline -',
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
    activity: 'failed -',
    progress: 'failed -',
    retry: 'failed -',
    refresh: 'failed -',
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
  [STATES.connecting, EVENTS.wake, 5000, 'connecting T'],
  [STATES.connecting, EVENTS.visible, 4999, 'connecting -'],
  [STATES.connecting, EVENTS.visible, 5000, 'connecting CO'],
  [STATES.connecting, { ...EVENTS.dropped, online: false }, 0, 'offline C'],
  [STATES.connecting, { ...EVENTS.refused, refreshable: true }, 0, 'connecting CF'],
  [{ ...STATES.connecting, refreshed: true }, { ...EVENTS.refused, refreshable: true }, 0, 'failed C'],
  [STATES.live, EVENTS.wake, 24_999, 'live -'],
  [STATES.live, EVENTS.wake, 25_000, 'reconnecting C'],
  // A page that is seen again asks sooner than one that watches all the while: its wire may have died in its sleep.
  [STATES.live, EVENTS.visible, 12_500, 'live -'],
  [STATES.live, EVENTS.visible, 12_501, 'connecting CO'],
  [STATES.live, { ...EVENTS.dropped, online: false }, 0, 'offline C'],
  [STATES.live, { ...EVENTS.refused, refreshable: true }, 0, 'connecting CF'],
  [{ ...STATES.live, refreshAt: NOW + 10 }, EVENTS.wake, 9, 'live -'],
  [{ ...STATES.live, refreshAt: NOW + 10 }, EVENTS.wake, 10, 'live R'],
  [{ ...STATES.live, refreshAt: NOW + 10 }, EVENTS.wake, 25_000, 'reconnecting C'],
  [STATES.reconnecting, EVENTS.wake, 5000, 'connecting O'],
  [STATES.offline, EVENTS.wake, 5000, 'connecting O'],
  [{ ...STATES.reconnecting, notBefore: NOW + 1 }, EVENTS.visible, 0, 'reconnecting -'],
  [{ ...STATES.reconnecting, notBefore: NOW + 1 }, EVENTS.online, 1, 'connecting O'],
  [{ ...STATES.reconnecting, notBefore: NOW + 1 }, EVENTS.reconnect, 0, 'connecting O'],
  [{ ...STATES.offline, notBefore: NOW + 1 }, EVENTS.online, 0, 'reconnecting -'],
];

function step(state: ConnectionPhase, event: ConnectionEvent, now = NOW, random = 0.5): ConnectionStep {
  return stepConnection(state, event, { now, random, rules: RULES, timeoutMs: TIMEOUT_MS });
}

function cellOf({ state, effects }: ConnectionStep): string {
  const letter = (effect: ConnectionEffect): string => {
    if (effect.kind === 'open') return effect.freshToken ? 'F' : 'O';
    return { close: 'C', timeout: 'T', 'retry-channels': 'R' }[effect.kind];
  };
  return `${state.kind} ${effects.map(letter).join('') || '-'}`;
}

const kinds = Object.values(STATES);
const events = Object.values(EVENTS);

describe('the connection machine', () => {
  it.each(kinds.flatMap((state) => events.map((event) => ({ state, event, cell: TABLE[state.kind][event.kind] }))))(
    '$state.kind x $event.kind -> $cell',
    ({ state, event, cell }) => {
      expect(cellOf(step(state, event))).toBe(cell);
    },
  );

  it.each(FURTHER.map(([state, event, later, cell]) => ({ state, event, later, cell })))(
    '$state.kind x $event.kind, $later ms later -> $cell',
    ({ state, event, later, cell }) => {
      expect(cellOf(step(state, event, NOW + later))).toBe(cell);
    },
  );

  it('forgets failures by progress, not by a wire that opened', () => {
    const live = step(STATES.connecting, EVENTS.connected).state;
    const early = step(live, EVENTS.activity, NOW + 9999).state;
    const kept = step(live, EVENTS.activity, NOW + 10_000).state;
    const processed = step(live, EVENTS.progress, NOW + 1).state;

    expect([live, early, kept, processed].map((state) => 'failures' in state && state.failures)).toEqual([2, 2, 0, 0]);
  });

  it('gives every byte 2.5 heartbeats of credit', () => {
    expect(deadlineOf(step(STATES.live, EVENTS.activity, NOW + 1000).state, RULES)).toBe(NOW + 26_000);
  });

  it('waits at least as long as the server asked: its close, or else its retry', () => {
    const asked = step(STATES.live, EVENTS.retry).state;
    const plain = step(asked, EVENTS.dropped, NOW, 0).state;
    const busy = step(asked, { ...EVENTS.dropped, retryAfterMs: 40_000 }, NOW, 0).state;

    expect([plain, busy].map((state) => deadlineOf(state, RULES))).toEqual([NOW + 3000, NOW + 40_000]);
  });

  it('asks a browser that says offline again at the cap, since it can be wrong', () => {
    expect(deadlineOf(step(STATES.live, EVENTS.offline).state, RULES)).toBe(NOW + RULES.capMs);
  });

  it('tries again for a channel refused for now within the cap, while it stays live', () => {
    const state = step(STATES.live, EVENTS.refresh).state;

    expect(state).toMatchObject({ kind: 'live', refreshAt: NOW + 22_500 });
    expect(step(state, EVENTS.wake, NOW + 22_500).state).toMatchObject({ refreshAt: Number.POSITIVE_INFINITY });
  });

  it('gives every attempt the time that it is told', () => {
    const opened = [step(IDLE, EVENTS.wanted), step(STATES.live, EVENTS.again), step(STATES.offline, EVENTS.online)];

    expect(opened.map(({ state }) => deadlineOf(state, RULES))).toEqual(Array(3).fill(NOW + TIMEOUT_MS));
  });

  it('says why it left a wire on purpose, until it is live again', () => {
    const left = step(STATES.live, { kind: 'again', reason: REASON }).state;

    expect(left).toMatchObject({ kind: 'connecting', reason: REASON });
    expect(step(left, EVENTS.connected).state).not.toHaveProperty('reason');
  });
});

interface Moment {
  readonly event: ConnectionEvent;
  /** Milliseconds since the one before. */
  readonly after: number;
  readonly random: number;
}

const event: fc.Arbitrary<ConnectionEvent> = fc.oneof(
  fc.constantFrom(...events),
  fc.record({ kind: fc.constant('refused' as const), reason: fc.constant(REASON), refreshable: fc.boolean() }),
  fc.record({
    kind: fc.constant('dropped' as const),
    reason: fc.constant(REASON),
    online: fc.boolean(),
    retryAfterMs: fc.nat(100_000),
  }),
);

/** Events in any order, each after some time: often none, sometimes up to two minutes. */
const history: fc.Arbitrary<Moment[]> = fc.array(
  fc.record({
    event,
    after: fc.oneof(fc.constant(0), fc.nat(2000), fc.nat(120_000)),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { maxLength: 60 },
);

/** As the connection does: an attempt that took too long is followed by another, or given up. */
function play(state: ConnectionPhase, { event: next, random }: Moment, now: number): ConnectionStep {
  const first = step(state, next, now, random);
  if (!first.effects.some(({ kind }) => kind === 'timeout')) return first;
  return step(first.state, random < 0.5 ? EVENTS.again : EVENTS.dropped, now, random);
}

describe('any history of the connection machine', () => {
  it('has a wire exactly while connecting or live, and never two', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let state = IDLE;
        let now = NOW;
        let wires = 0;
        for (const moment of steps) {
          now += moment.after;
          const taken = play(state, moment, now);
          for (const { kind } of taken.effects) {
            if (kind === 'open') wires += 1;
            if (kind === 'close') wires = 0;
            expect(wires).toBeLessThanOrEqual(1);
          }
          state = taken.state;
          expect(wires).toBe(['connecting', 'live'].includes(state.kind) ? 1 : 0);
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
          state = play(state, moment, now).state;
          const deadline = deadlineOf(state, RULES);
          if (state.kind === 'idle' || state.kind === 'failed') expect(deadline).toBe(Number.POSITIVE_INFINITY);
          else expect(deadline).toBeLessThan(Math.max(now, 'notBefore' in state ? state.notBefore : 0) + 60_000);
        }
      }),
    );
  });

  it('gets back to a wire by its own deadlines alone, however often it failed (never polling for ever)', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let now = NOW;
        let state = step(IDLE, EVENTS.wanted).state;
        for (const moment of steps) {
          if (moment.event.kind === 'emptied' || moment.event.kind === 'refused') continue;
          now += moment.after;
          state = play(state, moment, now).state;
        }
        for (let rounds = 0; rounds < 3 && state.kind !== 'connecting'; rounds += 1) {
          now = Math.max(now, deadlineOf(state, RULES));
          state = step(state, EVENTS.wake, now).state;
        }

        expect(state.kind).toBe('connecting');
        expect(step(state, EVENTS.connected, now).state.kind).toBe('live');
      }),
    );
  });

  it('never changes on events that say nothing new', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), (state) => {
        expect(step(state, EVENTS.wake).state).toBe(state);
      }),
    );
  });
});
