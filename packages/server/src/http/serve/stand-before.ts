/** Puts a front before the server, for the wires of the hub that it serves. */
import type { Server } from 'node:http';
import { Front } from '../front/front.ts';
import type { OriginPolicy } from '../origin-policy.ts';
import type { RequestHead } from '../request-head.ts';
import { DEFAULT_WIRE_LIMITS } from '../wire-limits.ts';
import type { ServerConfig } from './config/server-config.ts';
import type { ServedHub } from './served-hub.ts';

export interface StandingBefore {
  readonly config: Pick<ServerConfig, 'logRequests'> & Partial<Pick<ServerConfig, 'limits'>>;
  readonly live: ServedHub;
  /** Which names are ours: what was sent to another is for the way that answers it. */
  readonly origins: OriginPolicy;
  readonly state: { readonly draining: boolean };
}

/** undefined: there is none. So where every request is logged: that is done on the way that all of them go. */
export function standBefore(server: Server, { config, live, origins, state }: StandingBefore): Front | undefined {
  if (live.serveBare === undefined || config.logRequests) return undefined;
  const serve = (head: RequestHead): boolean =>
    !state.draining && origins.misdirected(head) === undefined && live.serveBare?.(head) === true;
  return Front.before(server, { serve, ...DEFAULT_WIRE_LIMITS, ...config.limits });
}
