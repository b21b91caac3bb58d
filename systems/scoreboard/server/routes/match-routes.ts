/** Matches: snapshot, event streams, and the broadcast of a score by internal callers. */
import { type ScoreUpdate, scoreUpdate, snapshotOf } from '@fanfare-systems/scoreboard/rules';
import { type Exchange, Router, sendCached } from 'fanfare/http';
import { refuse } from '../errors.ts';
import type { ScoreboardParts } from '../parts.ts';
import { readScore, type ScoreBroadcast } from '../requests.ts';
import type { StoredMatch } from '../store/match-store.ts';

const HEARTBEAT_MS = 15_000;

export function matchRoutes(parts: ScoreboardParts): Router {
  const { live, store, sessions, views, now } = parts;
  const matchOf = (exchange: Exchange): StoredMatch =>
    store.matches.find(exchange.param('id')) ?? refuse('MATCH_NOT_FOUND');

  return new Router()
    .get('/api/matches/{id}', (exchange) => {
      const { id, state } = matchOf(exchange);
      sendCached(exchange, snapshotOf(state, { matchId: id }));
    })
    .get('/api/matches/{id}/score-stream', (exchange) => {
      const channels = [`match:${matchOf(exchange).id}`];
      return live.stream(exchange.req, exchange.res, { channels, view: views.scores, heartbeatMs: HEARTBEAT_MS });
    })
    .get('/api/sse/matches/{id}/subscribe', (exchange) => {
      const resource = `match:${matchOf(exchange).id}`;
      const view = views.connected(resource);
      return live.stream(exchange.req, exchange.res, { channels: [resource], view, heartbeatMs: HEARTBEAT_MS });
    })
    .post('/api/sse/matches/{id}/score-update', async (exchange) => {
      const actor = sessions.internal(exchange);
      matchOf(exchange);
      const broadcast = await readScore(exchange);
      const event = await live.transaction((tx) => {
        // Found again: it may have been scored on while the body was on its way.
        const { id, state } = matchOf(exchange);
        const update = overlaid(scoreUpdate(id, state), broadcast, now());
        tx.channel(`match:${id}`).publish('score-update', update);
        const entry = { at: update.timestamp, actor: actor.id, action: 'score-broadcast', target: `match:${id}` };
        store.audit.write({ ...entry, details: { ...broadcast } });
        return update;
      });
      exchange.send(200, { success: true, event });
    });
}

/** The broadcast score; what the caller left out is the match's own. */
function overlaid(own: ScoreUpdate, told: ScoreBroadcast, timestamp: number): ScoreUpdate {
  return {
    matchId: own.matchId,
    team1Score: told.team1Score ?? own.team1Score,
    team2Score: told.team2Score ?? own.team2Score,
    currentSet: told.currentSet ?? own.currentSet,
    team1Name: told.team1Name ?? own.team1Name,
    team2Name: told.team2Name ?? own.team2Name,
    server: told.server ?? own.server,
    timestamp,
  };
}
