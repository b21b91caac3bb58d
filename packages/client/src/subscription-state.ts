/**
 * How one channel of the client stands.
 *
 *     subscribing ──► subscribed | lost | refused        said by the server
 *     subscribed, lost ──► subscribing                   the connection is gone; a refusal outlives it: it was about the channel
 *     refused ──► subscribing                            the user asks again; where it was only for now, the client by itself
 *     anything ──► closed                                nobody listens any more
 */
import type { GapCause } from '@fanfare/protocol';
import type { Reason } from './connection-phase.ts';

/** What a page may show of it. Never changed: another state is another object. */
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
