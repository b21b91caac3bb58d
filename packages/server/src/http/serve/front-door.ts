/** Which pages are ours, and what was sent to a name that is not. */
import type { IncomingMessage } from 'node:http';
import { LineBudget } from '../../observe/line-budget.ts';
import { clientAddress } from '../address.ts';
import { actionOf } from '../denial-of.ts';
import type { HttpError } from '../errors.ts';
import { OriginPolicy } from '../origin-policy.ts';
import { proxyTrust } from '../proxy-trust.ts';
import type { StartOptions } from './start-options.ts';

export interface FrontDoor {
  readonly origins: OriginPolicy;
  /** Why a request was sent to the wrong door, which is counted and logged; undefined: it was not. */
  readonly misdirected: (req: IncomingMessage) => HttpError | undefined;
}

/** One for a server: whoever set it up is told of names that are not ours, for they are often their own. */
export function frontDoor({ config, live, logger }: Pick<StartOptions, 'config' | 'live' | 'logger'>): FrontDoor {
  const trust = proxyTrust(config.trustProxy);
  const origins = new OriginPolicy(config.allowedOrigins, { publicOrigins: config.publicOrigins, trustedHops: trust });
  const budget = new LineBudget();
  const misdirected = (req: IncomingMessage): HttpError | undefined => {
    const error = origins.misdirected(req);
    if (error === undefined) return undefined;
    const { host } = req.headers;
    const address = clientAddress(req, trust);
    live.accessDenied({ code: error.code, action: actionOf(req), address });
    if (budget.take(performance.now())) {
      logger.warn(
        { host, address, suppressed: budget.suppressed() },
        'a name that is not ours; is it? see publicOrigins',
      );
    }
    return error;
  };
  return { origins, misdirected };
}
