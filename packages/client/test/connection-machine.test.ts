/** Every cell of state x event of the connection machine, and what holds over all of its histories. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConnectionEvent, hasWire, IDLE } from '../src/connection-phase.ts';
import {
  cellOf,
  EVENTS,
  FURTHER,
  type Moment,
  NOW,
  REASON,
  RULES,
  STATES,
  step,
  TABLE,
  TIMEOUT_MS,
} from './connection-table.ts';

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
