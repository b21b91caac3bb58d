/** What the components page asks of its server: to turn the dial that everybody sees. */
import type { PublishReceipt } from 'fanfare';
import { type Exchange, networkOf, type RateLimiter, Router, refuseField, tooMany } from 'fanfare/http';
import { DIAL_MAX, type Dial } from './component-channels.ts';

export interface ComponentRoutesOptions {
  readonly limit: RateLimiter;
  /** Sets `components:dial`. */
  readonly turn: (dial: Dial) => Promise<PublishReceipt>;
}

/** POST /api/showcase/dial, for anybody. */
export function componentRoutes({ limit, turn }: ComponentRoutesOptions): Router {
  return new Router().post('/api/showcase/dial', async (exchange) => {
    const verdict = limit.take(networkOf(exchange.address));
    if (!verdict.allowed) throw tooMany(verdict.retryAfterMs);
    exchange.send(200, await turn({ points: await pointsOf(exchange) }));
  });
}

async function pointsOf(exchange: Exchange): Promise<number> {
  const body = await exchange.json();
  const points: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'points') : undefined;
  if (Number.isInteger(points) && typeof points === 'number' && points >= 0 && points <= DIAL_MAX) return points;
  return refuseField('points', `a whole number from 0 to ${DIAL_MAX}`, points);
}
