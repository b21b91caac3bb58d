/** /healthz: the process is alive. /readyz: it should get traffic; the reason when not, as far as it is for anybody. For load balancers and supervisors. */
import { catalogueError } from './errors.ts';
import type { Health } from './live-api.ts';
import { Router } from './router.ts';

export function healthRoutes(ready: () => Health): Router {
  return new Router()
    .get('/healthz', (exchange) => exchange.send(200, { status: 'ok' }))
    .get('/readyz', (exchange) => {
      const health = ready();
      if (!health.ready) {
        const { reason, shown = reason } = health;
        throw catalogueError(reason === 'draining' ? 'DRAINING' : 'NOT_READY', { reason: shown.replace(/\.$/, '') });
      }
      exchange.send(200, { status: 'ready' });
    });
}
