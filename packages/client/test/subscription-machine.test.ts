/** Every cell of state x event of the subscription machine. */
import { describe, expect, it } from 'vitest';
import {
  isWanted,
  type SubscriptionEffect,
  type SubscriptionEvent,
  type SubscriptionState,
  type SubscriptionStep,
  stepSubscription,
} from '../src/subscription-machine.ts';

type Status = SubscriptionState['status'];
type EventKind = SubscriptionEvent['kind'];
type Cell = Status | `${Status} ${SubscriptionEffect['kind']}` | `${Status} tell-refused ask-later`;

const REASON = { code: 'X', message: 'x' };

const STATES: { readonly [K in Status]: Extract<SubscriptionState, { status: K }> } = {
  subscribing: { status: 'subscribing' },
  subscribed: { status: 'subscribed', recovered: false },
  lost: { status: 'lost', cause: 'trimmed' },
  refused: { status: 'refused', reason: REASON, retry: false },
  closed: { status: 'closed' },
};

const EVENTS: { readonly [E in EventKind]: Extract<SubscriptionEvent, { kind: E }> } = {
  listened: { kind: 'listened' },
  confirmed: { kind: 'confirmed', recovered: true },
  gap: { kind: 'gap', cause: 'epoch' },
  denied: { kind: 'denied', reason: REASON, retry: false },
  dropped: { kind: 'dropped' },
  retried: { kind: 'retried' },
  left: { kind: 'left' },
};

const ANY_LIVE: Record<Exclude<EventKind, 'listened'>, Cell> = {
  confirmed: 'subscribed',
  gap: 'lost tell-lost',
  denied: 'refused tell-refused',
  dropped: 'subscribing',
  retried: 'subscribing',
  left: 'closed',
};

const TABLE: Record<Status, Record<EventKind, Cell>> = {
  subscribing: { ...ANY_LIVE, listened: 'subscribing' },
  subscribed: { ...ANY_LIVE, listened: 'subscribed', retried: 'subscribed' },
  lost: { ...ANY_LIVE, listened: 'lost', retried: 'lost' },
  refused: { ...ANY_LIVE, listened: 'refused', dropped: 'refused' },
  closed: {
    listened: 'subscribing',
    confirmed: 'closed',
    gap: 'closed',
    denied: 'closed',
    dropped: 'closed',
    retried: 'closed',
    left: 'closed',
  },
};

function cellOf({ state, effects }: SubscriptionStep): string {
  return [state.status, ...effects.map((effect) => effect.kind)].join(' ');
}

describe('the subscription machine', () => {
  it.each(
    Object.values(STATES).flatMap((state) =>
      Object.values(EVENTS).map((event) => ({ state, event, cell: TABLE[state.status][event.kind] })),
    ),
  )('$state.status x $event.kind -> $cell', ({ state, event, cell }) => {
    expect(cellOf(stepSubscription(state, event))).toBe(cell);
  });

  it('asks again by itself for a channel that was refused for now', () => {
    const { state, effects } = stepSubscription(STATES.subscribing, { ...EVENTS.denied, retry: true });

    expect(cellOf({ state, effects })).toBe('refused tell-refused ask-later');
    expect(isWanted(state)).toBe(true);
  });

  it('leaves finally refused and closed channels out of the next request', () => {
    expect(Object.values(STATES).filter(isWanted)).toEqual([STATES.subscribing, STATES.subscribed, STATES.lost]);
  });
});
