/** Health whose whole reason is in the log: strangers are told less. */
import type { Logger } from '../../observe/logger.ts';
import type { Health } from '../live-api.ts';

/** A line each time the reason is another one, and one when there is none any more, however often it is asked for. */
export function loggedHealth(ready: () => Health, logger: Pick<Logger, 'warn' | 'info'>): () => Health {
  let told = '';
  return () => {
    const health = ready();
    const reason = health.ready ? '' : health.reason;
    if (reason !== '' && reason !== told) logger.warn({ reason }, 'not ready');
    if (reason === '' && told !== '') logger.info({}, 'ready again');
    told = reason;
    return health;
  };
}
