/** What an error answer says of whom it refused, for the audit trail: the same beside the hub as at its own paths. */
import type { IncomingMessage } from 'node:http';
import type { DenialFacts } from '../core/index.ts';
import type { HttpError } from './errors.ts';
import { requestPath } from './request-path.ts';

export interface Denial extends DenialFacts {
  readonly action: string;
  readonly address: string;
}

/** The path is cut after three parts, since what stands behind them may be a secret, as the PIN of a court is. */
export function actionOf(req: IncomingMessage): string {
  return requestPath(req.url ?? '')
    .split('/', 4)
    .join('/');
}

/** undefined: its status refuses nobody. */
export function denialOf(error: HttpError, req: IncomingMessage, address: string): Denial | undefined {
  const { code, status, details, subject: identity } = error;
  if (status !== 401 && status !== 403 && status !== 421) return undefined;
  const channel: unknown = Object(details).channel;
  return {
    ...{ code, action: actionOf(req), address },
    ...(identity === undefined ? {} : { identity }),
    ...(typeof channel === 'string' ? { channel } : {}),
  };
}
