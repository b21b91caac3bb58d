/** The user's stream: one request that stays open, on as many devices as there are. */
import { Router } from 'fanfare/http';
import { inboxOf, unreadOf } from '../channels.ts';
import type { InboxParts } from '../parts.ts';
import { inboxView } from '../views.ts';

const PING_MS = 30_000;
/** A stream of one look: what was missed, and goodbye. */
const ONE_LOOK_MS = 1;

export function streamRoutes({ live, store, callers }: InboxParts): Router {
  /** A user who never had a notification has a count, too. */
  const ensureCount = async (userId: number): Promise<void> => {
    const known = await live.channel(unreadOf(userId)).get();
    if (known !== undefined) return;
    await live.transaction((tx) => tx.channel(unreadOf(userId)).set({ count: store.notes.countUnread(userId) }));
  };

  /**
   * While the operator allows no streams this one ends after its first look, and the client comes back for the next: an EventSource
   * that knows nothing of it polls, and misses nothing, because it comes back with its last id.
   */
  const maxAge = (): { readonly maxAgeMs?: number } =>
    live.transports.includes('sse') ? {} : { maxAgeMs: ONE_LOOK_MS };

  return new Router()
    .post('/api/stream-tickets', async (exchange) => {
      exchange.send(200, await live.issueTicket(exchange.req));
    })
    .get('/api/notifications/stream/', async (exchange) => {
      const { userId, identity = String(userId) } = await callers.watcher(exchange);
      await ensureCount(userId);
      const channels = [inboxOf(userId), unreadOf(userId)];
      const stream = { channels, view: inboxView, heartbeatMs: PING_MS, identity, ...maxAge() };
      await live.stream(exchange.req, exchange.res, stream);
    });
}
