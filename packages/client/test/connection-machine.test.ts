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
/** Next state, then the effects in order: C closes the stream, O opens one, F opens one with a fresh token. */
type Cell = `${Kind} ${'-' | 'C' | 'O' | 'CO' | 'CF'}`;

const REASON = { code: 'X', message: 'x' };
const MEMORY = { failures: 2, floorMs: 0, notBefore: 0, reason: REASON };
const NOW = 1_000_000;
const RULES = DEFAULT_RULES;

/** None of them is at its deadline. */
const STATES: { readonly [K in Kind]: Extract<ConnectionPhase, { kind: K }> } = {
  idle: { kind: 'idle' },
  connecting: { ...MEMORY, kind: 'connecting', until: NOW + 5000, refreshed: false },
  switching: { ...MEMORY, kind: 'switching', until: NOW + 5000, refreshed: false },
  live: {
    failures: 2,
    floorMs: 0,
    notBefore: 0,
    kind: 'live',
    since: NOW - 1,
    heartbeatMs: 10_000,
    silentUntil: NOW + 5000,
    refreshAt: Number.POSITIVE_INFINITY,
  },
  reconnecting: { ...MEMORY, kind: 'reconnecting', retryAt: NOW + 5000 },
  offline: { ...MEMORY, kind: 'offline', retryAt: NOW + 5000 },
  failed: { kind: 'failed', reason: REASON },
};

const EVENTS: { readonly [E in EventKind]: Extract<ConnectionEvent, { kind: E }> } = {
  changed: { kind: 'changed' },
  emptied: { kind: 'emptied' },
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
    changed: 'connecting O',
    emptied: 'idle -',
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
    changed: 'connecting CO',
    emptied: 'idle C',
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
  switching: {
    changed: 'switching CO',
    emptied: 'idle C',
    connected: 'live -',
    activity: 'switching -',
    progress: 'switching -',
    retry: 'switching -',
    refresh: 'switching -',
    dropped: 'reconnecting C',
    refused: 'failed C',
    wake: 'switching -',
    online: 'switching -',
    offline: 'offline C',
    visible: 'switching -',
    reconnect: 'connecting CO',
  },
  live: {
    changed: 'switching CO',
    emptied: 'idle C',
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
    reconnect: 'switching CO',
  },
  reconnecting: {
    changed: 'reconnecting -',
    emptied: 'idle -',
    connected: 'reconnecting -',
    activity: 'reconnecting -',
    progress: 'reconnecting -',
    retry: 'reconnecting -',
    refresh: 'reconnecting -',
    dropped: 'reconnecting -',
    refused: 'reconnecting -',
    wake: 'reconnecting -',
    online: 'connecting O',
    offline: 'offline -',
    visible: 'connecting O',
    reconnect: 'connecting O',
  },
  offline: {
    changed: 'offline -',
    emptied: 'idle -',
    connected: 'offline -',
    activity: 'offline -',
    progress: 'offline -',
    retry: 'offline -',
    refresh: 'offline -',
    dropped: 'offline -',
    refused: 'offline -',
    wake: 'offline -',
    online: 'connecting O',
    offline: 'offline -',
    visible: 'connecting O',
    reconnect: 'connecting O',
  },
  failed: {
    changed: 'connecting O',
    emptied: 'idle -',
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
  [STATES.connecting, EVENTS.wake, 5000, 'reconnecting C'],
  [STATES.connecting, EVENTS.visible, 5000, 'connecting CO'],
  [STATES.connecting, { ...EVENTS.dropped, online: false }, 0, 'offline C'],
  [STATES.connecting, { ...EVENTS.refused, refreshable: true }, 0, 'connecting CF'],
  [{ ...STATES.connecting, refreshed: true }, { ...EVENTS.refused, refreshable: true }, 0, 'failed C'],
  [STATES.switching, EVENTS.wake, 5000, 'reconnecting C'],
  [STATES.switching, EVENTS.visible, 5000, 'connecting CO'],
  [STATES.switching, { ...EVENTS.refused, refreshable: true }, 0, 'connecting CF'],
  [STATES.live, EVENTS.wake, 5000, 'reconnecting C'],
  [STATES.live, EVENTS.visible, 5000, 'connecting CO'],
  [STATES.live, EVENTS.visible, 4999, 'live -'],
  [STATES.live, { ...EVENTS.refused, refreshable: true }, 0, 'connecting CF'],
  [{ ...STATES.live, refreshAt: NOW + 10 }, EVENTS.wake, 10, 'switching CO'],
  [{ ...STATES.live, refreshAt: NOW + 10 }, EVENTS.wake, 5000, 'reconnecting C'],
  [STATES.reconnecting, EVENTS.wake, 5000, 'connecting O'],
  [STATES.offline, EVENTS.wake, 5000, 'connecting O'],
  [{ ...STATES.reconnecting, notBefore: NOW + 1 }, EVENTS.visible, 0, 'reconnecting -'],
  [{ ...STATES.reconnecting, notBefore: NOW + 1 }, EVENTS.online, 1, 'connecting O'],
  [{ ...STATES.reconnecting, notBefore: NOW + 1 }, EVENTS.reconnect, 0, 'connecting O'],
  [{ ...STATES.offline, notBefore: NOW + 1 }, EVENTS.online, 0, 'reconnecting -'],
];

function step(state: ConnectionPhase, event: ConnectionEvent, now = NOW, random = 0.5): ConnectionStep {
  return stepConnection(state, event, { now, random, rules: RULES });
}

function cellOf({ state, effects }: ConnectionStep): string {
  const letter = (effect: ConnectionEffect): string => (effect.kind === 'close' ? 'C' : effect.freshToken ? 'F' : 'O');
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

  it('forgets failures by progress, not by a stream that opened', () => {
    const live = step(STATES.connecting, EVENTS.connected).state;
    const early = step(live, EVENTS.activity, NOW + 9999).state;
    const kept = step(live, EVENTS.activity, NOW + 10_000).state;
    const processed = step(live, EVENTS.progress, NOW + 1).state;

    expect([live, early, kept, processed].map((state) => 'failures' in state && state.failures)).toEqual([2, 2, 0, 0]);
  });

  it('gives every byte 2.5 heartbeats of credit', () => {
    expect(deadlineOf(step(STATES.live, EVENTS.activity).state)).toBe(NOW + 25_000);
  });

  it('waits at least as long as the server asked: its close, or else its retry', () => {
    const asked = step(STATES.live, EVENTS.retry).state;
    const plain = step(asked, EVENTS.dropped, NOW, 0).state;
    const busy = step(asked, { ...EVENTS.dropped, retryAfterMs: 40_000 }, NOW, 0).state;

    expect([plain, busy].map(deadlineOf)).toEqual([NOW + 3000, NOW + 40_000]);
  });

  it('asks a browser that says offline again at the cap, since it can be wrong', () => {
    expect(deadlineOf(step(STATES.live, EVENTS.offline).state)).toBe(NOW + RULES.capMs);
  });

  it('tries again for a channel refused for now within the cap, while it stays live', () => {
    const state = step(STATES.live, EVENTS.refresh).state;

    expect(state).toMatchObject({ kind: 'live', refreshAt: NOW + 22_500 });
  });
});

const event = fc.oneof(
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
const history = fc.array(
  fc.record({
    event,
    after: fc.oneof(fc.constant(0), fc.nat(2000), fc.nat(120_000)),
    random: fc.double({ min: 0, max: 0.999, noNaN: true }),
  }),
  { maxLength: 60 },
);

describe('any history of the connection machine', () => {
  it('has a stream exactly while connecting, switching or live, and never two', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let state = IDLE;
        let now = NOW;
        let streams = 0;
        for (const { event: next, after, random } of steps) {
          now += after;
          const taken = step(state, next, now, random);
          for (const effect of taken.effects) {
            streams = effect.kind === 'open' ? streams + 1 : 0;
            expect(streams).toBeLessThanOrEqual(1);
          }
          state = taken.state;
          expect(streams).toBe(['connecting', 'switching', 'live'].includes(state.kind) ? 1 : 0);
        }
      }),
    );
  });

  it('always wakes up by itself unless it is idle or failed, and never later than a minute after the server allows it', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let state = IDLE;
        let now = NOW;
        for (const { event: next, after, random } of steps) {
          now += after;
          state = step(state, next, now, random).state;
          const deadline = deadlineOf(state);
          if (state.kind === 'idle' || state.kind === 'failed') expect(deadline).toBeUndefined();
          else expect(deadline).toBeLessThan(Math.max(now, 'notBefore' in state ? state.notBefore : 0) + 60_000);
        }
      }),
    );
  });

  it('gets back to a stream by its own deadlines alone, however often it failed (never polling for ever)', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let now = NOW;
        let state = step(IDLE, EVENTS.changed).state;
        for (const { event: next, after, random } of steps) {
          if (next.kind === 'emptied' || next.kind === 'refused') continue;
          now += after;
          state = step(state, next, now, random).state;
        }
        for (let rounds = 0; rounds < 3 && state.kind !== 'connecting'; rounds += 1) {
          now = Math.max(now, deadlineOf(state) ?? now);
          state = step(state, EVENTS.wake, now).state;
        }

        expect(['connecting', 'switching']).toContain(state.kind);
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
