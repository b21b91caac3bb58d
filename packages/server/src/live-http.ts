/** The HTTP side of a hub: which paths are ours, and who answers each. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { DenialFacts, LimitFacts } from './core/index.ts';
import { clientAddress } from './http/address.ts';
import { BackendApi } from './http/backend/backend-api.ts';
import type { FindCaller } from './http/backend/backend-caller.ts';
import type { BackendAct } from './http/backend/backend-calls.ts';
import { clientScriptRoutes } from './http/client-script.ts';
import { denialOf } from './http/denial-of.ts';
import { catalogueError, type HttpError } from './http/errors.ts';
import { Exchange } from './http/exchange.ts';
import { BareExchange } from './http/front/bare-exchange.ts';
import { ignoreError } from './http/front/front.ts';
import { healthRoutes } from './http/health.ts';
import type { Health, LiveApi } from './http/live-api.ts';
import { type MetricsText, metricsRoutes } from './http/metrics-route.ts';
import type { OriginPolicy } from './http/origin-policy.ts';
import { serveAsPlainRequest } from './http/plain-request.ts';
import type { ProxyTrust } from './http/proxy-trust.ts';
import type { Publishing } from './http/publishing.ts';
import { rejectUpgrade } from './http/reject-upgrade.ts';
import type { RequestHead } from './http/request-head.ts';
import { requestPath } from './http/request-path.ts';
import { sendError } from './http/respond.ts';
import { Router } from './http/router.ts';
import type { WireLimits } from './http/wire-limits.ts';
import type { LiveWires } from './live-wires.ts';
import { upgradeRequired } from './transports/ws/handshake.ts';

export interface LiveHttpOptions {
  readonly api: LiveApi;
  readonly ready: () => Health;
  readonly wires: LiveWires;
  readonly findCaller: FindCaller;
  readonly limits: WireLimits;
  readonly metrics: () => Promise<MetricsText>;
  /** Anybody may read the metrics. */
  readonly openMetrics: boolean;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Told who met which limit. */
  readonly onHit: (limit: string, about: LimitFacts) => void;
  /** Told who was refused. */
  readonly onDenied: (facts: DenialFacts) => void;
  /** Records what a backend did to the server. */
  readonly onAct: (act: BackendAct) => Promise<void>;
  readonly origins: OriginPolicy;
  readonly trustedHops: ProxyTrust;
  readonly onError: (error: unknown) => void;
}

/** What a request was refused with because of a bound. */
const LIMIT_OF_CODE: Readonly<Record<string, string>> = {
  BODY_TOO_LARGE: 'maxMessageBytes',
  JSON_TOO_DEEP: 'maxJsonDepth',
  TOO_MANY_CHANNELS: 'maxChannelsPerConnection',
};

const WIRE = /^\/live\/(sse|poll|uplink|ws|api|tickets)\b/;

export class LiveHttp {
  readonly #origins: OriginPolicy;
  readonly #trustedHops: ProxyTrust;
  readonly #backend: BackendApi;
  readonly #wires: LiveWires;
  readonly #routes: Router;
  readonly #onRefused: (error: HttpError, req: IncomingMessage) => void;

  constructor(options: LiveHttpOptions) {
    const { api, ready, wires, findCaller, origins, trustedHops, onError, limits, now } = options;
    const about = (req: IncomingMessage): LimitFacts => ({ address: clientAddress(req, trustedHops) });
    const onRefused = (error: HttpError, req: IncomingMessage): void => {
      const limit = LIMIT_OF_CODE[error.code];
      if (limit !== undefined) options.onHit(limit, about(req));
      const denial = denialOf(error, req, clientAddress(req, trustedHops));
      if (denial !== undefined) options.onDenied(denial);
    };
    this.#onRefused = onRefused;
    const onHit = (limit: string, req: IncomingMessage): void => options.onHit(limit, about(req));
    this.#origins = origins;
    this.#trustedHops = trustedHops;
    this.#wires = wires;
    this.#backend = new BackendApi({
      live: api,
      findCaller,
      onError,
      onRefused,
      limits,
      onHit,
      takeOfUser: (user, events, req) => wires.takePublishes(user, events, req),
      onAct: options.onAct,
      now,
    });
    this.#routes = new Router({ trustedHops, onError, onRefused })
      .use(wires.routes())
      .use(clientScriptRoutes())
      .use(healthRoutes(ready))
      .use(metricsRoutes({ read: options.metrics, findCaller, isOpen: options.openMetrics }));
  }

  handles(url: string): boolean {
    const path = requestPath(url);
    return path.startsWith('/live/') || path === '/healthz' || path === '/readyz' || path === '/metrics';
  }

  handle(req: IncomingMessage, res: ServerResponse, next?: () => void): void {
    this.#unmount(req);
    if (next !== undefined && !this.handles(req.url ?? '/')) {
      next();
      return;
    }
    const misdirected = this.#origins.misdirected(req);
    if (misdirected === undefined && this.#refuseForged(req, res)) return;
    if (misdirected !== undefined) this.#onRefused(misdirected, req);
    else if (this.#origins.verdict(req) === 'denied') this.#onRefused(catalogueError('ORIGIN_FORBIDDEN'), req);
    if (this.#origins.guard(req, res) || this.#backend.handle(req, res) || this.#routes.handle(req, res)) return;
    sendError(req, res, { error: catalogueError('NOT_FOUND'), language: new Exchange(req, res).language });
  }

  /** The client's script is anybody's to load; everything else of ours is somebody's account. */
  #refuseForged(req: IncomingMessage, res: ServerResponse): boolean {
    if (!this.#origins.isForged(req) || !WIRE.test(requestPath(req.url ?? '/'))) return false;
    const error = catalogueError('ORIGIN_FORBIDDEN', { got: `a ${req.headers['sec-fetch-site']} page` });
    sendError(req, res, { error, language: new Exchange(req, res).language });
    this.#onRefused(error, req);
    return true;
  }

  publishing(req: IncomingMessage): Publishing | undefined {
    return this.#backend.publishing(req);
  }

  /**
   * Serves one of the wires on a socket that no HTTP server reads; false, and nothing done: the request is to be answered by one, as
   * whatever another origin may not ask is.
   */
  serveBare(head: RequestHead): boolean {
    const verdict = this.#origins.verdict(head);
    if (verdict === 'denied' || this.#origins.isForged(head) || this.#origins.misdirected(head)) return false;
    const { url = '', socket } = head;
    switch (requestPath(url)) {
      case '/live/sse': {
        const headers = this.#origins.corsHeaders(head, verdict);
        const exchange = new BareExchange(head, { headers, trustedHops: this.#trustedHops });
        this.#routes.attempt(exchange, () => this.#wires.serveStream(exchange));
        return true;
      }
      case '/live/ws':
        // Whoever takes the socket over listens for its errors.
        socket.off('error', ignoreError);
        this.#wires.serveWebSocket(head);
        return true;
      default:
        return false;
    }
  }

  /** false, and nothing done, for a path that is not ours. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const url = req.url ?? '/';
    if (!this.handles(url)) return false;
    if (requestPath(url) === '/live/ws' && isWebSocket(req)) this.#wires.upgrade(req, socket, head);
    else if (!serveAsPlainRequest(req, socket, head)) rejectUpgrade(req, socket, upgradeRequired());
    return true;
  }

  attach(server: EventEmitter): void {
    const others = server.listeners('request');
    const upgraders = server.listeners('upgrade');
    server.removeAllListeners('request').removeAllListeners('upgrade');
    server.on('request', (req: IncomingMessage, res: ServerResponse) => {
      if (others.length === 0 || this.handles(req.url ?? '/')) this.handle(req, res);
      else for (const listener of others) Reflect.apply(listener, server, [req, res]);
    });
    server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (this.upgrade(req, socket, head)) return;
      for (const listener of upgraders) Reflect.apply(listener, server, [req, socket, head]);
      // Nobody else waits for upgrades: without us the request would have been served as it is.
      const isAlone = upgraders.length === 0 && server.listenerCount('upgrade') === 1;
      if (isAlone && !serveAsPlainRequest(req, socket, head)) socket.destroy();
    });
  }

  /** express cuts the mount path off `url`; under `app.use('/live', handler)` the whole one is ours. */
  #unmount(req: IncomingMessage): void {
    const whole = 'originalUrl' in req ? req.originalUrl : undefined;
    if (typeof whole === 'string' && !this.handles(req.url ?? '/') && this.handles(whole)) req.url = whole;
  }
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}
