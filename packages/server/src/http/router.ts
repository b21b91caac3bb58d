/** Maps method and path to a handler, and answers for it when it fails. Small on purpose: no middleware, no regular expressions. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { catalogueError, type HttpError, isUnexpected, RequestAborted, toHttpError } from './errors.ts';
import { Exchange } from './exchange.ts';
import { preferredLanguage } from './language.ts';
import type { ProxyTrust } from './proxy-trust.ts';
import { requestPath } from './request-path.ts';
import { sendError } from './respond.ts';
import { type RouteMatch, RouteTree } from './route-tree.ts';

/** Answers through the exchange. What it throws, or rejects with, becomes the answer. */
export type Handler = (exchange: Exchange) => void | Promise<void>;

export interface RouterOptions {
  /** Told every failure that was answered with 500 INTERNAL. Must not throw. @default nothing */
  readonly onError?: (error: unknown, req: IncomingMessage) => void;
  /** Told every refusal that was answered, of whatever status. Must not throw. @default nothing */
  readonly onRefused?: (error: HttpError, req: IncomingMessage) => void;
  /** Proxies of ours in front: how many, or which; 0 = believe no `X-Forwarded-*`. @default 0 */
  readonly trustedHops?: ProxyTrust;
}

/**
 * `new Router().get('/api/court/{pin}/status', handler)`. A `{param}` is one whole segment and arrives percent-decoded;
 * a literal segment beats a param; a trailing slash counts. Options of the outermost router hold for all it uses.
 */
export class Router {
  readonly #tree = new RouteTree<Handler>();
  readonly #routes: { readonly method: string; readonly path: string; readonly handler: Handler }[] = [];
  readonly #onError: (error: unknown, req: IncomingMessage) => void;
  readonly #onRefused: (error: HttpError, req: IncomingMessage) => void;
  readonly #trustedHops: ProxyTrust;

  constructor(options: RouterOptions = {}) {
    this.#onError = options.onError ?? (() => {});
    this.#onRefused = options.onRefused ?? (() => {});
    this.#trustedHops = options.trustedHops ?? 0;
  }

  get(path: string, handler: Handler): this {
    return this.#add('GET', path, handler);
  }

  post(path: string, handler: Handler): this {
    return this.#add('POST', path, handler);
  }

  put(path: string, handler: Handler): this {
    return this.#add('PUT', path, handler);
  }

  patch(path: string, handler: Handler): this {
    return this.#add('PATCH', path, handler);
  }

  delete(path: string, handler: Handler): this {
    return this.#add('DELETE', path, handler);
  }

  /** Takes over the routes that `other` has now. */
  use(other: Router): this {
    for (const { method, path, handler } of other.#routes) {
      this.#add(method, path, handler);
    }
    return this;
  }

  /**
   * Answers, and says true, when the path is one of ours: by its handler, with 405 for another method, with 204 for
   * OPTIONS. False: nothing was done, the request is the caller's.
   */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const method = req.method ?? 'GET';
    const match = this.#tree.find(method, requestPath(req.url ?? '/'));
    if (match.kind === 'none') {
      return false;
    }
    if (match.kind === 'found') {
      this.#run(match, req, res);
    } else if (match.kind === 'malformed') {
      this.#answer(catalogueError('URL_INVALID'), req, res);
    } else if (method === 'OPTIONS') {
      res.writeHead(204, { Allow: match.methods.join(', ') }).end();
    } else {
      const allow = match.methods.join(', ');
      this.#answer(catalogueError('METHOD_NOT_ALLOWED', { expected: allow, got: method }, { Allow: allow }), req, res);
    }
    return true;
  }

  /** Has a request answered that came another way. What the work throws, or rejects with, becomes the answer. */
  attempt(exchange: Pick<Exchange, 'req' | 'res'>, work: () => void | Promise<void>): void {
    try {
      const working = work();
      // Whatever thenable a handler returns has its failure answered here, and nowhere else.
      if (working === undefined) return;
      Promise.resolve(working).catch((error: unknown) => this.#answer(error, exchange.req, exchange.res));
    } catch (error) {
      this.#answer(error, exchange.req, exchange.res);
    }
  }

  #add(method: string, path: string, handler: Handler): this {
    this.#tree.add(method, path, handler);
    this.#routes.push({ method, path, handler });
    return this;
  }

  #run(match: Extract<RouteMatch<Handler>, { kind: 'found' }>, req: IncomingMessage, res: ServerResponse): void {
    const exchange = new Exchange(req, res, { params: match.params, trustedHops: this.#trustedHops });
    this.attempt(exchange, () => match.handler(exchange));
  }

  #answer(error: unknown, req: IncomingMessage, res: ServerResponse): void {
    sendError(req, res, { error, language: preferredLanguage(req.headers['accept-language']) });
    if (error instanceof RequestAborted) return;
    if (isUnexpected(error)) {
      this.#onError(error, req);
    }
    this.#onRefused(toHttpError(error), req);
  }
}
