/** One court by its PIN: status, snapshot, stream, actions. Every path goes through the gate, because a PIN can be guessed. */
import { randomInt } from 'node:crypto';
import { type Exchange, HttpError, parseCookies, privateCookie, Router, sendCached } from 'fanfare/http';
import type { ScoreboardParts } from '../parts.ts';
import { readUmpireAction } from '../requests.ts';
import type { Court } from '../store/court-store.ts';
import { PING_MS } from './board-routes.ts';

/** A court's stream ends after this, and the client resumes. */
export const COURT_STREAM_MS = 300_000;

/** Shows that this browser knew the PIN. Its path is the court's, so that every court has its own. */
const PROOF_COOKIE = 'fanfare_court';

export function courtRoutes({ live, scoring, sessions, gate, views, now }: ScoreboardParts): Router {
  const courtOf = async (exchange: Exchange): Promise<Court> => {
    const pin = exchange.param('pin');
    const proven = gate.isProof(pin, parseCookies(exchange.header('cookie')).get(PROOF_COOKIE) ?? '');
    const trusted = () => proven || sessions.isTrusted(exchange);
    const court = await gate.open({ pin, address: exchange.address, trusted });
    if (!proven) {
      const proof = { name: PROOF_COOKIE, value: gate.proofOf(pin), path: `/api/court/${pin}` };
      exchange.res.setHeader('Set-Cookie', privateCookie({ ...proof, secure: exchange.isSecure }));
    }
    return court;
  };

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
      const court = await courtOf(exchange).catch((error: unknown) => askToWait(exchange, { error, at: now() }));
      if (court === undefined) return;
      const { pin } = court;
      const stream = { channels: [`court:${pin}`], view: views.board, heartbeatMs: PING_MS, maxAgeMs: COURT_STREAM_MS };
      await live.stream(exchange.req, exchange.res, stream);
    })
    .post('/api/court/{pin}/actions', async (exchange) => {
      const { actor, request } = await readUmpireAction(exchange, sessions);
      const { pin } = await courtOf(exchange);
      exchange.send(200, await scoring.act({ kind: 'court', pin }, request, actor));
    });
}

/**
 * A 429 would end an EventSource for ever. One that resumes knew the PIN, and may share its address with a guesser: it is
 * told in-band, and to come back. A first connect gets the status.
 */
function askToWait(exchange: Exchange, { error, at }: { readonly error: unknown; readonly at: number }): undefined {
  const resumes = exchange.header('last-event-id') !== undefined;
  if (!resumes || !(error instanceof HttpError) || error.code !== 'RATE_LIMITED') throw error;
  const waitMs = Number(error.headers['Retry-After']) * 1000;
  // A hall is at one address and was dropped together: it must not come back together.
  const retryMs = waitMs + randomInt(waitMs / 2);
  const { message } = error.body(exchange.language).error;
  const data = { errorCode: error.code, message, details: error.details, retry: true, timestamp: at };
  exchange.res.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-cache, no-transform',
    'X-Accel-Buffering': 'no',
  });
  exchange.res.end(`retry: ${retryMs}\nevent: error\ndata: ${JSON.stringify(data)}\n\n`);
}
