/** Is there room for another client: the one place that every wire asks, and that counts who was refused. */
import type { Hub, Newcomer } from '../core/index.ts';
import { countedNetwork } from '../http/address.ts';
import { RateLimiter } from '../http/rate-limiter.ts';
import type { WireLimits } from '../http/wire-limits.ts';

export interface ConnectionGateOptions {
  readonly hub: Hub;
  readonly limits: Pick<WireLimits, 'connectsPerSecond' | 'connectsPerSecondPerAddress'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** What passes with time: too many at once, the server is full, or it is about to end. */
export type ArrivalRefusal = 'RATE_LIMITED' | 'DRAINING' | 'TOO_MANY_CONNECTIONS';

export interface RoomRequest extends Newcomer {
  readonly channels: readonly string[];
}

/** How many may come at once, in seconds of the long run: a whole office that lost its network comes back together. */
const ADDRESS_BURST_SECONDS = 10;
const BURST_SECONDS = 4;
const EVERYBODY = '';

export class ConnectionGate {
  readonly #hub: Hub;
  readonly #byAddress: RateLimiter | undefined;
  readonly #all: RateLimiter | undefined;

  constructor({ hub, limits, now }: ConnectionGateOptions) {
    this.#hub = hub;
    this.#byAddress = limiter(limits.connectsPerSecondPerAddress, { seconds: ADDRESS_BURST_SECONDS, now });
    this.#all = limiter(limits.connectsPerSecond, { seconds: BURST_SECONDS, now });
  }

  /** Counts an attempt, before any work is done for it; undefined: it may go on. */
  arrives(address: string): 'RATE_LIMITED' | undefined {
    const network = countedNetwork(address);
    if (network !== '' && this.#byAddress?.take(network).allowed === false) {
      this.#hub.limitHits.hit('connectsPerSecondPerAddress', { address });
      return 'RATE_LIMITED';
    }
    if (this.#all?.take(EVERYBODY).allowed !== false) return undefined;
    this.#hub.limitHits.hit('connectsPerSecond', { address });
    return 'RATE_LIMITED';
  }

  /** Why there is no room now; undefined: there is, until somebody else takes it. */
  refuses({ identity, address, channels }: RoomRequest): 'DRAINING' | 'TOO_MANY_CONNECTIONS' | undefined {
    const hub = this.#hub;
    if (hub.draining) return 'DRAINING';
    const exceeded = hub.exceeded({ identity, address });
    const full = channels.find((channel) => hub.isFull(channel));
    if (exceeded === undefined && full === undefined) return undefined;
    const about = { address, ...(identity === '' ? {} : { identity }) };
    if (exceeded !== undefined) hub.limitHits.hit(exceeded, about);
    else hub.limitHits.hit('maxSubscribers', { ...about, ...(full === undefined ? {} : { channel: full }) });
    return 'TOO_MANY_CONNECTIONS';
  }
}

/** 0: no limit. */
function limiter(
  perSecond: number,
  { seconds, now }: { readonly seconds: number; readonly now: () => number },
): RateLimiter | undefined {
  return perSecond === 0 ? undefined : new RateLimiter({ burst: Math.max(1, perSecond * seconds), perSecond, now });
}
