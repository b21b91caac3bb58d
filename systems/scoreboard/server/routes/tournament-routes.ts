/** Tournaments: the stream that everybody at a tournament follows, and the organiser's broadcast on it. */
import { parseBody } from '@fanfare-systems/edge';
import { type Exchange, Router } from 'fanfare/http';
import type { ScoreboardParts } from '../parts.ts';
import { identifier } from '../payloads.ts';
import { publishTournamentEvent } from '../publish.ts';
import { tournamentBroadcastSchema } from '../tournament-events.ts';

const HEARTBEAT_MS = 15_000;
const STREAM_MS = 30 * 60_000;

export function tournamentRoutes({ live, store, sessions, views, now }: ScoreboardParts): Router {
  const idOf = (exchange: Exchange): string => parseBody(identifier, exchange.param('id'));

  return new Router()
    .get('/api/sse/tournaments/{id}/subscribe', (exchange) => {
      const resource = `tournament:${idOf(exchange)}`;
      const view = views.connected(resource);
      const stream = { channels: [resource], view, heartbeatMs: HEARTBEAT_MS, maxAgeMs: STREAM_MS };
      return live.stream(exchange.req, exchange.res, stream);
    })
    .post('/api/sse/tournaments/{id}/update', async (exchange) => {
      const actor = await sessions.admin(exchange);
      const tournamentId = idOf(exchange);
      const broadcast = parseBody(tournamentBroadcastSchema, await exchange.json());
      const stamp = { tournamentId, timestamp: now() };
      await live.transaction((tx) => {
        publishTournamentEvent(tx, broadcast, stamp);
        const entry = {
          at: stamp.timestamp,
          actor: actor.id,
          action: broadcast.event,
          target: `tournament:${tournamentId}`,
        };
        store.audit.write({ ...entry, details: { ...broadcast.fields } });
      });
      exchange.send(200, { success: true, event: { ...broadcast.fields, ...stamp } });
    });
}
