/** One court by its PIN: status, snapshot, stream, actions. Every path goes through the gate, because a PIN can be guessed. */
import { type Exchange, Router, sendCached } from 'fanfare/http';
import type { ScoreboardParts } from '../parts.ts';
import { readAction } from '../requests.ts';
import type { Court } from '../store/court-store.ts';
import { PING_MS } from './board-routes.ts';

/** A court's stream ends after this, and the client resumes. */
export const COURT_STREAM_MS = 300_000;

export function courtRoutes({ live, scoring, sessions, gate, views }: ScoreboardParts): Router {
  const courtOf = (exchange: Exchange): Promise<Court> =>
    gate.open({
      pin: exchange.param('pin'),
      address: exchange.address,
      trusted: () => sessions.isTrusted(exchange),
    });

  return new Router()
    .get('/api/court/{pin}', async (exchange) => {
      const { pin } = await courtOf(exchange);
      sendCached(exchange, scoring.snapshot({ kind: 'court', pin }));
    })
    .get('/api/court/{pin}/status', async (exchange) => {
      const { pin, id, name, active } = await courtOf(exchange);
      sendCached(exchange, { pin, courtId: id, courtName: name, active });
    })
    .get('/api/court/{pin}/stream', async (exchange) => {
      const { pin } = await courtOf(exchange);
      const stream = { channels: [`court:${pin}`], view: views.board, heartbeatMs: PING_MS, maxAgeMs: COURT_STREAM_MS };
      await live.stream(exchange.req, exchange.res, stream);
    })
    .post('/api/court/{pin}/actions', async (exchange) => {
      const actor = await sessions.umpire(exchange);
      const { pin } = await courtOf(exchange);
      const request = await readAction(exchange);
      exchange.send(200, await scoring.act({ kind: 'court', pin }, request, actor));
    });
}
