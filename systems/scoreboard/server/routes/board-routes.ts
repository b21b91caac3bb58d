/** The main board: snapshot, stream, actions. */
import { Router, sendCached } from 'fanfare/http';
import type { ScoreboardParts } from '../parts.ts';
import { readUmpireAction } from '../requests.ts';
import type { Place } from '../scoring.ts';
import { MAIN_BOARD } from '../store/court-store.ts';

export const PING_MS = 30_000;

const MAIN: Place = { kind: 'board', board: MAIN_BOARD };

export function boardRoutes({ live, scoring, sessions, views }: ScoreboardParts): Router {
  return new Router()
    .get('/api/scoreboard', (exchange) => sendCached(exchange, scoring.snapshot(MAIN)))
    .get('/api/scoreboard/stream', ({ req, res }) =>
      live.stream(req, res, {
        channels: [`board:${MAIN_BOARD}`],
        view: views.board,
        heartbeatMs: PING_MS,
        maxAgeMs: 0,
      }),
    )
    .post('/api/scoreboard/actions', async (exchange) => {
      const { actor, request } = await readUmpireAction(exchange, sessions);
      exchange.send(200, await scoring.act(MAIN, request, actor));
    });
}
