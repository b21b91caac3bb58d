/** The channels of the components page. Any visitor may change what they show, within limits, so that everybody sees what live means. */
import { type Check, type SignalDefinition, type StandardSchema, type StateDefinition, signal, state } from 'fanfare';
import { networkOf, RateLimiter } from 'fanfare/http';
import { z } from 'zod';

/** A number that everybody turns. */
export interface Dial {
  readonly points: number;
}

/** A toast for every page that is open. No text of the visitor's: what strangers read on their screens is the page's own. */
export interface Hello {
  readonly tone: 'plain' | 'good' | 'warning' | 'bad';
}

/** A type alias, not an interface: only so does it fit a `ChannelMap`. */
export type ComponentChannels = {
  readonly 'components:dial': StateDefinition<StandardSchema<Dial>>;
  readonly 'components:toasts': SignalDefinition<{ readonly hello: StandardSchema<Hello> }>;
};

export const DIAL_MAX = 99;

const dial: z.ZodType<Dial, Dial> = z.strictObject({ points: z.int().min(0).max(DIAL_MAX) });
const hello: z.ZodType<Hello, Hello> = z.strictObject({ tone: z.enum(['plain', 'good', 'warning', 'bad']) });

/** What the visitors of one network may do at once, and what they regain per second. */
const BURST = 20;
const PER_SECOND = 2;

/** `now`: monotonic milliseconds. */
export function visitorLimit(now: () => number): RateLimiter {
  return new RateLimiter({ burst: BURST, perSecond: PER_SECOND, now });
}

/**
 * Everybody may see both. The dial is turned by a request, so that it has one value and no visitor's keys; toasts are published by the
 * pages themselves, and are kept nowhere.
 */
export function componentChannels(limit: RateLimiter): ComponentChannels {
  const publish: Check = ({ address }) =>
    limit.take(networkOf(address)).allowed ? { allow: true } : { allow: false, status: 429, code: 'RATE_LIMITED' };
  return {
    'components:dial': state({ schema: dial, access: 'public' }),
    'components:toasts': signal({ events: { hello }, access: { subscribe: 'public', publish } }),
  };
}
