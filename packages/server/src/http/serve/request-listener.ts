/** What becomes of a request that came by `node:http`: refused at the door, answered by the hub, a route or a page, or not found. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { redactUrl } from '../../observe/redact-url.ts';
import { logRequest } from '../../observe/request-log.ts';
import { clientAddress } from '../address.ts';
import { denialOf } from '../denial-of.ts';
import { catalogueError, type HttpError, isUnexpected } from '../errors.ts';
import { healthRoutes } from '../health.ts';
import { preferredLanguage } from '../language.ts';
import { type ProxyTrust, proxyTrust } from '../proxy-trust.ts';
import { requestPath } from '../request-path.ts';
import { sendError } from '../respond.ts';
import { Router } from '../router.ts';
import { isAmbiguous } from './ambiguous-request.ts';
import type { FrontDoor } from './front-door.ts';
import { loggedHealth } from './logged-health.ts';
import type { StartOptions } from './start-options.ts';

export interface ListeningServer {
  readonly door: FrontDoor;
  /** `draining`: it is about to end, and says so. */
  readonly state: { readonly draining: boolean };
}

export class RequestListener {
  readonly #options: StartOptions;
  readonly #server: ListeningServer;
  readonly #trust: ProxyTrust;
  readonly #router: Router;
  /** Nothing behind an ambiguous request is read as one. */
  readonly #ambiguous = new WeakSet<Socket>();

  constructor(options: StartOptions, server: ListeningServer) {
    this.#options = options;
    this.#server = server;
    this.#trust = proxyTrust(options.config.trustProxy);
    this.#router = this.#makeRouter();
  }

  /** Never throws: what fails is answered, and logged where it is a fault of ours. */
  answer(req: IncomingMessage, res: ServerResponse): void {
    if (this.#ambiguous.has(req.socket)) return;
    if (isAmbiguous(req)) {
      this.#ambiguous.add(req.socket);
      res.setHeader('Connection', 'close');
      sendError(req, res, { error: catalogueError('REQUEST_MALFORMED'), language: 'en' });
      return;
    }
    const { config, logger } = this.#options;
    if (config.logRequests) logRequest(logger, { req, res, address: clientAddress(req, this.#trust) });
    const { door, state } = this.#server;
    if (state.draining) res.shouldKeepAlive = false;
    const elsewhere = door.misdirected(req);
    if (elsewhere !== undefined) {
      refuse(req, res, elsewhere);
      return;
    }
    try {
      this.#route(req, res);
    } catch (error) {
      refuse(req, res, error);
      if (isUnexpected(error)) this.#failed(error, req);
    }
  }

  #makeRouter(): Router {
    const { live, logger, routes = [] } = this.#options;
    const router = new Router({
      onError: (error, req) => this.#failed(error, req),
      onRefused: (error, req) => this.#refused(error, req),
      trustedHops: this.#trust,
    });
    const ready = loggedHealth(() => live.ready(), logger);
    const { state } = this.#server;
    router.use(healthRoutes(() => (state.draining ? { ready: false, reason: 'draining' } : ready())));
    for (const one of routes) router.use(one);
    return router;
  }

  #route(req: IncomingMessage, res: ServerResponse): void {
    const { live, fallback = () => false } = this.#options;
    const url = req.url ?? '/';
    // The hub has a /readyz of its own for when it is embedded; only ours knows that this server is about to end.
    if (live.handles(url) && requestPath(url) !== '/readyz') live.handler(req, res);
    else if (!this.#allowsListed(req, res) && !this.#router.handle(req, res) && !fallback(req, res)) {
      refuse(req, res, catalogueError('NOT_FOUND'));
    }
  }

  /** Pages of a listed origin may read what the routes answer; whom they trust otherwise is theirs to say. True: it was a preflight. */
  #allowsListed(req: IncomingMessage, res: ServerResponse): boolean {
    const { origins } = this.#server.door;
    return origins.verdict(req) === 'listed' && origins.guard(req, res);
  }

  #failed(error: unknown, req: IncomingMessage): void {
    const { logger } = this.#options;
    logger.error({ err: error, method: req.method, url: redactUrl(req.url ?? '') }, 'request failed');
  }

  #refused(error: HttpError, req: IncomingMessage): void {
    const denial = denialOf(error, req, clientAddress(req, this.#trust));
    if (denial !== undefined) this.#options.live.accessDenied(denial);
  }
}

function refuse(req: IncomingMessage, res: ServerResponse, error: unknown): void {
  sendError(req, res, { error, language: preferredLanguage(req.headers['accept-language']) });
}
