/** The user's list, and what the user does with it. */
import { Router, sendCached } from 'fanfare/http';
import type { InboxParts } from '../parts.ts';
import { readListRange, readNoteId, readUpTo } from '../requests.ts';

export function listRoutes({ store, callers, deliveries, reading }: InboxParts): Router {
  return new Router()
    .get('/api/notifications/', async (exchange) => {
      const userId = await callers.user(exchange);
      const range = readListRange(exchange, userId);
      const items = store.notes.page(range);
      const last = items.at(-1);
      const next = items.length < range.limit || last === undefined ? null : last.id;
      deliveries.listRead(userId);
      // With a tag: whoever polls pays for what is new.
      sendCached(exchange, { items, unread: store.notes.countUnread(userId), next }, { Vary: 'Authorization, Cookie' });
    })
    .post('/api/notifications/{id}/read/', async (exchange) => {
      const userId = await callers.user(exchange);
      exchange.send(200, await reading.one(userId, readNoteId(exchange)));
    })
    .post('/api/notifications/read-all/', async (exchange) => {
      const userId = await callers.user(exchange);
      exchange.send(200, await reading.all(userId, await readUpTo(exchange)));
    });
}
