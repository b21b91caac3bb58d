/** What the user wants to be told, and how. Every tab and device of the user hears of a change. */
import { changePreferences } from '@fanfare-systems/inbox/rules';
import { Router } from 'fanfare/http';
import { inboxOf } from '../channels.ts';
import type { InboxParts } from '../parts.ts';
import { readPreferences } from '../requests.ts';

export function preferenceRoutes({ live, store, callers }: InboxParts): Router {
  return new Router()
    .get('/api/notifications/preferences/', async (exchange) => {
      exchange.send(200, store.preferences.of(await callers.user(exchange)));
    })
    .put('/api/notifications/preferences/', async (exchange) => {
      const userId = await callers.user(exchange);
      const change = await readPreferences(exchange);
      const preferences = await live.transaction((tx) => {
        const changed = changePreferences(store.preferences.of(userId), change);
        store.preferences.save(userId, changed);
        tx.channel(inboxOf(userId)).publish('preferences', changed);
        return changed;
      });
      exchange.send(200, preferences);
    });
}
