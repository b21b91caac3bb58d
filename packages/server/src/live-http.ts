/** The HTTP side of a hub: which paths are ours, and who answers each. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BackendApi } from './http/backend-api.ts';
import { clientScriptRoutes } from './http/client-script.ts';
import { catalogueError } from './http/errors.ts';
import { Exchange } from './http/exchange.ts';
import { healthRoutes } from './http/health.ts';
import type { Health, LiveApi } from './http/live-api.ts';
import { OriginPolicy } from './http/origin-policy.ts';
import { requestPath } from './http/request-path.ts';
import { sendError } from './http/respond.ts';
import { Router } from './http/router.ts';

export interface LiveHttpOptions {
  readonly api: LiveApi;
  readonly ready: () => Health;
  /** Of the wires. */
  readonly routes: Router;
  readonly apiKey: string | undefined;
  readonly allowedOrigins: readonly string[];
  readonly trustedHops: number;
  readonly onError: (error: unknown) => void;
}

export class LiveHttp {
  readonly #origins: OriginPolicy;
  readonly #backend: BackendApi;
  readonly #routes: Router;

  constructor(options: LiveHttpOptions) {
    const { api, ready, routes, apiKey, allowedOrigins, trustedHops, onError } = options;
    this.#origins = new OriginPolicy(allowedOrigins);
    this.#backend = new BackendApi({ live: api, apiKey, onError });
    this.#routes = new Router({ trustedHops, onError }).use(routes).use(clientScriptRoutes()).use(healthRoutes(ready));
  }

  handles(url: string): boolean {
    const path = requestPath(url);
    return path.startsWith('/live/') || path === '/healthz' || path === '/readyz';
  }

  handle(req: IncomingMessage, res: ServerResponse, next?: () => void): void {
    this.#unmount(req);
    if (next !== undefined && !this.handles(req.url ?? '/')) {
      next();
      return;
    }
    if (this.#origins.guard(req, res) || this.#backend.handle(req, res) || this.#routes.handle(req, res)) return;
    sendError(req, res, { error: catalogueError('NOT_FOUND'), language: new Exchange(req, res).language });
  }

  attach(server: EventEmitter): void {
    const others = server.listeners('request');
    server.removeAllListeners('request');
    server.on('request', (req: IncomingMessage, res: ServerResponse) => {
      if (others.length === 0 || this.handles(req.url ?? '/')) this.handle(req, res);
      else for (const listener of others) Reflect.apply(listener, server, [req, res]);
    });
  }

  /** express cuts the mount path off `url`; under `app.use('/live', handler)` the whole one is ours. */
  #unmount(req: IncomingMessage): void {
    const whole = 'originalUrl' in req ? req.originalUrl : undefined;
    if (typeof whole === 'string' && !this.handles(req.url ?? '/') && this.handles(whole)) req.url = whole;
  }
}
