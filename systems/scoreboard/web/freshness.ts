/** How fresh one board on the page is: the connection's state, corrected by what is true for this board. Pure. */
import type { ConnectionState, SubscriptionState } from '@fanfare/client';
import { isFollowing } from '@fanfare/react';

export interface FreshnessInput {
  readonly connection: ConnectionState;
  readonly subscription: SubscriptionState;
  /** The page's own last poll succeeded, and its polling goes on. */
  readonly polling: boolean;
}

/** True while every change arrives by itself. */
export function isLive({ connection, subscription }: Omit<FreshnessInput, 'polling'>): boolean {
  return isFollowing(connection) && (subscription.status === 'subscribed' || subscription.status === 'lost');
}

/** What the badge says. An open connection that does not carry this board is not live. */
export function freshness(input: FreshnessInput): ConnectionState {
  const { connection, subscription, polling } = input;
  if (isLive(input)) return connection;
  const reason = subscription.status === 'refused' ? subscription.reason : connection.reason;
  const because = reason === undefined ? {} : { reason };
  if (polling) return { status: 'polling', ...because };
  if (subscription.status === 'refused') return { status: subscription.retry ? 'reconnecting' : 'failed', ...because };
  return isFollowing(connection) ? { status: 'connecting' } : connection;
}
