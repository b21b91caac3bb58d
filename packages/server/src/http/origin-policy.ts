/** Which web pages may talk to us. A browser sends cookies along whoever asks; the Origin header tells who asked. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { catalogueError, type HttpError } from './errors.ts';
import { preferredLanguage } from './language.ts';
import { hostOf, OwnHost } from './own-host.ts';
import type { ProxyTrust } from './proxy-trust.ts';
import type { RequestHead } from './request-head.ts';
import { requestPath } from './request-path.ts';
import { sendError } from './respond.ts';

/** `absent`: not a browser's cross-origin or state-changing request. `same`: a page of ours. `listed`: allowed by name. */
export type OriginVerdict = 'absent' | 'same' | 'listed' | 'denied';

/** Methods that change nothing: a forged one gains nothing. */
const SAFE: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Balancers ask for these by whatever name they have, and nobody learns anything from them. */
const HEALTH: ReadonlySet<string> = new Set(['/healthz', '/readyz']);

const NO_HEADERS = [] as const;
const VARY = [['Vary', 'Origin']] as const;

const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, PATCH, DELETE',
  'Access-Control-Allow-Headers':
    'authorization, content-type, if-none-match, last-event-id, x-api-key, idempotency-key',
  'Access-Control-Max-Age': '600',
  Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
};

export interface OwnOrigins {
  /** The origins that this server is reached by, as browsers write them: no other page is ours. @default whatever `Host` says */
  readonly publicOrigins?: readonly string[] | undefined;
  /** Proxies of ours in front. @default 0 */
  readonly trustedHops?: ProxyTrust;
}

/** An exact allow-list. `null` is always denied (sandboxed frames and local files of anybody send it), and there is no `*`. */
export class OriginPolicy {
  readonly #allowed: ReadonlySet<string>;
  readonly #own: ReadonlySet<string>;
  readonly #host: OwnHost;

  /** Throws a TypeError on anything that is not an origin as browsers write it, such as `https://app.example.com`. */
  constructor(allowed: readonly string[] = [], { publicOrigins = [], trustedHops = 0 }: OwnOrigins = {}) {
    for (const origin of [...allowed, ...publicOrigins]) {
      if (!isOrigin(origin)) {
        throw new TypeError(`An origin is scheme://host[:port] and nothing more, not ${JSON.stringify(origin)}.`);
      }
    }
    this.#allowed = new Set(allowed);
    this.#own = new Set(publicOrigins);
    this.#host = new OwnHost({ publicOrigins, isProxied: trustedHops !== 0 });
  }

  /** What is refused before anything is looked at: it was sent to a name that is not ours. undefined: it was not. */
  misdirected(req: RequestHead): HttpError | undefined {
    if (this.#host.accepts(req) || HEALTH.has(requestPath(req.url ?? ''))) return undefined;
    return catalogueError('HOST_UNKNOWN', { got: hostOf(req) ?? '' });
  }

  verdict(req: RequestHead): OriginVerdict {
    const { origin } = req.headers;
    if (origin === undefined) {
      return 'absent';
    }
    if (this.#allowed.has(origin)) {
      return 'listed';
    }
    return this.#isOwn(origin, req) ? 'same' : 'denied';
  }

  /** A page that this server served: by one of its origins, or where none are given by the name that the request came to. */
  #isOwn(origin: string, req: RequestHead): boolean {
    if (this.#own.size > 0) return this.#own.has(origin);
    const host = hostOf(req);
    if (host === undefined) return false;
    // Whoever sits in between can make a page of http://host, and must not pass for the page of https://host with it.
    return origin === `https://${host}` || (origin === `http://${host}` && !saysTls(req));
  }

  /**
   * Whether the request may act on the strength of a cookie, which goes along by itself whoever asks [CSRF]. Browsers name
   * the origin of everything that changes something; who names neither origin nor site is a program, and was given its cookie.
   * What changes nothing may, unless it is forged or comes from a page of another origin: but a link on another site leads to our
   * page as the visitor that follows it. Never where the request came to a name that is not ours.
   */
  mayUseCookie(req: RequestHead): boolean {
    if (!this.#host.isNamed(req) || !this.#host.accepts(req)) return false;
    const verdict = this.verdict(req);
    if (SAFE.has(req.method)) {
      return verdict !== 'denied' && (!this.isForged(req) || isVisit(req));
    }
    if (verdict !== 'absent') {
      return verdict !== 'denied';
    }
    const site = req.headers['sec-fetch-site'];
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  /**
   * Did another site make a browser send this, with a cookie, without naming itself [CSRF]? An image or a form of anybody's page
   * does: it gets no answer to read, but would hold a connection, or act, on somebody else's account.
   */
  isForged(req: RequestHead): boolean {
    const { origin, cookie } = req.headers;
    const site = req.headers['sec-fetch-site'];
    return origin === undefined && cookie !== undefined && (site === 'cross-site' || site === 'same-site');
  }

  /** What an answer says about who may read it. */
  corsHeaders(req: RequestHead, verdict: OriginVerdict): readonly (readonly [name: string, value: string])[] {
    // Also without one, as soon as another would have got another answer: a cache must not give it theirs.
    if (verdict === 'absent' && this.#allowed.size === 0) return NO_HEADERS;
    if (verdict !== 'listed') return VARY;
    return [
      ...VARY,
      ['Access-Control-Allow-Origin', req.headers.origin ?? ''],
      ['Access-Control-Allow-Credentials', 'true'],
      ['Access-Control-Expose-Headers', 'ETag, Retry-After'],
    ];
  }

  /**
   * Sets the CORS headers of a listed origin, answers preflights, and answers 403 ORIGIN_FORBIDDEN to a denied one, 421 HOST_UNKNOWN to
   * one that was sent to a name that is not ours. True: the request is answered.
   */
  guard(req: IncomingMessage, res: ServerResponse): boolean {
    const misdirected = this.misdirected(req);
    if (misdirected !== undefined) {
      sendError(req, res, { error: misdirected, language: preferredLanguage(req.headers['accept-language']) });
      return true;
    }
    const verdict = this.verdict(req);
    for (const [name, value] of this.corsHeaders(req, verdict)) res.setHeader(name, value);
    if (verdict === 'absent') {
      return false;
    }
    if (verdict === 'denied') {
      const error = catalogueError('ORIGIN_FORBIDDEN', { got: req.headers.origin ?? '' });
      sendError(req, res, { error, language: preferredLanguage(req.headers['accept-language']) });
      return true;
    }
    const isPreflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
    if (isPreflight) {
      res.writeHead(204, verdict === 'listed' ? PREFLIGHT_HEADERS : {}).end();
    }
    return isPreflight;
  }
}

/** A page of ours in a window of its own: the other site sees nothing of it, and holds nothing by it. */
function isVisit({ headers }: RequestHead): boolean {
  return headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
}

/** Did the browser speak TLS, as far as anybody says? A header that anybody can send makes this check stricter, and never looser. */
function saysTls({ headers, socket }: RequestHead): boolean {
  if ('encrypted' in socket && socket.encrypted === true) return true;
  return /https/i.test(String(headers['x-forwarded-proto'] ?? '')) || /proto="?https/i.test(headers.forwarded ?? '');
}

/** As a browser writes it: lower case, no path, no default port. */
export function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text);
}
