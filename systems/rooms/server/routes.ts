/** GET /api/ws/clients, for admins, and GET /health. */
import type { IncomingMessage } from 'node:http';
import type { Identity } from 'fanfare';
import { fail, failFor, Router } from 'fanfare/http';
import type { Clients } from './clients.ts';

export interface RoutesOptions {
  readonly clients: Clients;
  readonly authenticate: (req: IncomingMessage) => Identity | undefined | Promise<Identity | undefined>;
  readonly health: () => RoomsHealth;
  /** Is GET /health ours? */
  readonly servesHealth: boolean;
}

export interface RoomsHealth {
  readonly status: 'ok';
  readonly websocket: { readonly clients: number; readonly rooms: number };
}

export function roomsRoutes({ clients, authenticate, health, servesHealth }: RoutesOptions): Router {
  const router = new Router().get('/api/ws/clients', async (exchange) => {
    const identity = await authenticate(exchange.req);
    if (identity === undefined) return fail('UNAUTHENTICATED');
    if (!identity.roles.includes('admin')) return failFor(identity, 'FORBIDDEN', { channel: 'rooms' });
    const list = clients.reports();
    exchange.send(200, { count: list.length, rooms: clients.rooms(), clients: list, since: clients.counts() });
  });
  return servesHealth ? router.get('/health', (exchange) => exchange.send(200, health())) : router;
}
