/**
 * The life of one channel of the client, as a pure function: state x event -> state + effects.
 *
 *     closed ──listened──► subscribing ──confirmed──► subscribed
 *        ▲                  │  ▲    └─────gap──────────► lost        lost: live again, but events before it are missing
 *        │                  │  └── dropped (from subscribed, lost)
 *        │               denied (from anywhere but closed)
 *        │                  ▼
 *        └──left────────  refused ──retried──► subscribing           refused with `retry` is asked for again by itself
 */
import type { GapCause } from '@fanfare/protocol';
import type { Reason } from './connection-phase.ts';

export type SubscriptionState =
  /** Asked for, or waiting for the connection; what was missed meanwhile will be replayed. */
  | { readonly status: 'subscribing' }
  /** Live. `recovered`: it was resumed, and everything missed was delivered before what is new. */
  | { readonly status: 'subscribed'; readonly recovered: boolean }
  /** Live, but events before are missing: read the whole again from its source. */
  | { readonly status: 'lost'; readonly cause: GapCause }
  /** The server said no to this channel. `retry`: only for now; it is asked again by itself. */
  | { readonly status: 'refused'; readonly reason: Reason; readonly retry: boolean }
  /** Nobody listens. */
  | { readonly status: 'closed' };

export type SubscriptionEvent =
  | { readonly kind: 'listened' }
  | { readonly kind: 'confirmed'; readonly recovered: boolean }
  | { readonly kind: 'gap'; readonly cause: GapCause }
  | { readonly kind: 'denied'; readonly reason: Reason; readonly retry: boolean }
  /** The stream is gone. */
  | { readonly kind: 'dropped' }
  /** The user asked for everything again. */
  | { readonly kind: 'retried' }
  | { readonly kind: 'left' };

export type SubscriptionEffect =
  | { readonly kind: 'tell-lost'; readonly cause: GapCause }
  | { readonly kind: 'tell-refused'; readonly reason: Reason }
  /** Ask for the channel again after a while. */
  | { readonly kind: 'ask-later' };

export interface SubscriptionStep {
  readonly state: SubscriptionState;
  readonly effects: readonly SubscriptionEffect[];
}

export const CLOSED: SubscriptionState = { status: 'closed' };
const SUBSCRIBING: SubscriptionState = { status: 'subscribing' };

export function stepSubscription(state: SubscriptionState, event: SubscriptionEvent): SubscriptionStep {
  if (state.status === 'closed') return stay(event.kind === 'listened' ? SUBSCRIBING : state);
  switch (event.kind) {
    case 'listened':
      return stay(state);
    case 'confirmed':
      return stay({ status: 'subscribed', recovered: event.recovered });
    case 'gap':
      return {
        state: { status: 'lost', cause: event.cause },
        effects: [{ kind: 'tell-lost', cause: event.cause }],
      };
    case 'denied':
      return deny(event);
    case 'dropped':
      // A refusal outlives the stream: it was about the channel.
      return stay(state.status === 'refused' ? state : SUBSCRIBING);
    case 'retried':
      return stay(state.status === 'refused' ? SUBSCRIBING : state);
    case 'left':
      return stay(CLOSED);
  }
}

/** Whether the channel belongs in the next request. A final refusal does not: it could fail the channels beside it. */
export function isWanted(state: SubscriptionState): boolean {
  return state.status !== 'closed' && (state.status !== 'refused' || state.retry);
}

function stay(state: SubscriptionState): SubscriptionStep {
  return { state, effects: [] };
}

function deny({ reason, retry }: Extract<SubscriptionEvent, { kind: 'denied' }>): SubscriptionStep {
  return {
    state: { status: 'refused', reason, retry },
    effects: [{ kind: 'tell-refused', reason }, ...(retry ? [{ kind: 'ask-later' } as const] : [])],
  };
}
