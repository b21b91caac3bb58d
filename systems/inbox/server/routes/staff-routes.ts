/** What staff and other services do: send, look at what became of it, choose how clients connect. */
import { ROLES } from '@fanfare-systems/accounts';
import { Router } from 'fanfare/http';
import { analyticsOf } from '../analytics.ts';
import type { InboxParts } from '../parts.ts';
import { readAnalyticsRange, readOrder, readTransports } from '../requests.ts';
import type { Sent } from '../sending.ts';
import { TRANSPORT_NAMES } from '../transport-names.ts';

/** Users that the staff page lists; more are found by their id. */
const USERS_LISTED = 500;

export function staffRoutes(parts: InboxParts): Router {
  const { live, store, accounts, callers, sending, now } = parts;
  return new Router()
    .post('/api/notifications/trigger/', async (exchange) => {
      await callers.sender(exchange);
      const order = await readOrder(exchange);
      exchange.send(201, answerOf(await sending.send(order), order.single));
    })
    .get('/api/notifications/recipients/', async (exchange) => {
      await callers.staff(exchange);
      const users = accounts.listUsers().slice(0, USERS_LISTED);
      exchange.send(200, {
        users: users.map(({ id, username, name, roles }) => ({ id, username, name, roles })),
        roles: ROLES,
      });
    })
    .get('/api/notifications/analytics/', async (exchange) => {
      await callers.staff(exchange);
      exchange.send(200, await analyticsOf(store.analytics, readAnalyticsRange(exchange), now()));
    })
    .get('/api/notifications/transports/', async (exchange) => {
      await callers.staff(exchange);
      exchange.send(200, transportFacts(parts));
    })
    .put('/api/notifications/transports/', async (exchange) => {
      const { subject } = await callers.staff(exchange);
      const transports = await readTransports(exchange);
      live.setTransports(transports);
      // As the backend API records it: it concerns every client of the server.
      await live.audit.act({ actor: `user:${subject}`, action: 'set-transports', details: { transports } });
      exchange.send(200, transportFacts(parts));
    });
}

function answerOf({ notes, repeated, muted }: Sent, single: boolean): Readonly<Record<string, unknown>> {
  const [notification = null] = [...notes, ...repeated];
  return {
    sent: notes.length,
    duplicates: repeated.length,
    muted,
    ids: [...notes, ...repeated].map(({ id }) => id),
    ...(single ? { notification } : {}),
  };
}

/** Which ways are allowed, and how many clients are connected on each now. */
function transportFacts({ live }: InboxParts): Readonly<Record<string, unknown>> {
  const connections: Record<string, number> = {};
  for (const { label, isServer } of live.connections()) {
    if (!isServer) connections[label] = (connections[label] ?? 0) + 1;
  }
  return { transports: live.transports, available: TRANSPORT_NAMES, connections };
}
