/** A hub, routes and pages on one node:http server, with limits on what a peer may cost and an orderly end. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { LineBudget } from '../../observe/line-budget.ts';
import type { Logger } from '../../observe/logger.ts';
import { redactUrl } from '../../observe/redact-url.ts';
import { logRequest, logUpgrade } from '../../observe/request-log.ts';
import { clientAddress } from '../address.ts';
import { actionOf, denialOf } from '../denial-of.ts';
import { catalogueError, type HttpError, isUnexpected } from '../errors.ts';
import { PublishLanes } from '../front/publish-lanes.ts';
import { healthRoutes } from '../health.ts';
import { preferredLanguage } from '../language.ts';
import { OriginPolicy } from '../origin-policy.ts';
import { proxyTrust } from '../proxy-trust.ts';
import type { Publishing } from '../publishing.ts';
import { requestPath } from '../request-path.ts';
import { sendError } from '../respond.ts';
import { Router } from '../router.ts';
import { DEFAULT_WIRE_LIMITS } from '../wire-limits.ts';
import { isAmbiguous } from './ambiguous-request.ts';
import { answerClientError } from './client-error.ts';
import type { ServerConfig } from './config/server-config.ts';
import { continueWhenDue } from './continue-when-due.ts';
import { loggedHealth } from './logged-health.ts';
import type { ServedHub } from './served-hub.ts';
import { shutDown } from './shut-down.ts';
import { endOnSignals, endOnUncaught } from './signals.ts';
import { standBefore } from './stand-before.ts';
import { StartError } from './start-error.ts';
import { listenForUpgrades, type UpgradeHandler } from './upgrade-requests.ts';

export interface StartOptions {
  readonly config: Pick<ServerConfig, 'port' | 'host' | 'trustProxy' | 'logRequests'> &
    Partial<Pick<ServerConfig, 'limits' | 'allowedOrigins' | 'publicOrigins'>>;
  readonly live: ServedHub;
  readonly logger: Logger;
  /** Asked after the hub, in order. @default none */
  readonly routes?: readonly Router[];
  /** Upgrades to WebSockets that are not the hub's, asked in order; false: not mine. @default none */
  readonly upgrades?: readonly UpgradeHandler[];
  /** Asked last, for pages; false: not found. @default nothing is found */
  readonly fallback?: (req: IncomingMessage, res: ServerResponse) => boolean;
  /**
   * The server owns its process: SIGTERM and SIGINT end it after close(), a second one at once, and an exception that
   * nobody caught ends it with exit code 1. @default false
   */
  readonly exitOnSignals?: boolean;
}

export interface RunningServer {
  readonly port: number;
  readonly server: Server;
  /** Drains, lets go of the hub, and resolves when nothing is left; takes at most 25 s. Idempotent. */
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;
/** Longer than the idle timeout of the usual load balancers (60 s): otherwise they reuse a connection that we just closed. */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;

/** Logs nothing by itself: `port` is for whoever tells people. Rejects with a StartError when the address cannot be had; the hub is then still the caller's to close. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { config, live, logger } = options;
  const { maxHeaderBytes, headersTimeoutMs: headersTimeout } = { ...DEFAULT_WIRE_LIMITS, ...config.limits };
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout,
    requestTimeout: Math.max(REQUEST_TIMEOUT_MS, headersTimeout),
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // Node alone would answer a request of HTTP/1.1 without one with a bare 400; ours says why (isAmbiguous).
    requireHostHeader: false,
    // How often the two timeouts above are looked at; Node's default of 30 s would make 10 s mean 40. It wakes a server at rest.
    connectionsCheckingInterval: Math.ceil(headersTimeout / 2),
  });
  const state = { draining: false };
  const lanes = publishLanes(server, options);
  const answer = requestListener(options, state);
  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    lanes?.watch(req, res);
    answer(req, res);
  };
  // Node alone would answer an expectation that it does not know with a bare 417; RFC 9110 §10.1.1 lets us pass over it.
  server.on('request', onRequest).on('checkExpectation', onRequest);
  server.on('checkContinue', (req, res) => {
    continueWhenDue(res);
    onRequest(req, res);
  });
  const trust = proxyTrust(config.trustProxy);
  const door = frontDoor(options);
  listenForUpgrades(server, {
    takers: [(req, socket, head) => live.upgrade(req, socket, head), ...(options.upgrades ?? [])],
    misdirected: door.misdirected,
    log: (req) => {
      if (config.logRequests) logUpgrade(logger, { req, address: clientAddress(req, trust) });
    },
    logger,
  });
  server.on('clientError', (error, socket) => {
    const limit = answerClientError(error, socket);
    if (limit !== undefined) live.limitReached(limit);
  });
  const front = standBefore(server, { config, live, origins: door.origins, state });
  await listen(server, config);
  if (process.env['NODE_ENV'] === 'production' && (config.publicOrigins ?? []).length === 0) {
    logger.warn('any name that leads here is taken for ours; set publicOrigins to those that are');
  }
  surviveAcceptErrors(server, logger);
  const port = portOf(server);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    state.draining = true;
    closing ??= shutDown({ server, live, logger, lanes, front });
    return closing;
  };
  if (options.exitOnSignals === true) {
    endOnSignals(close, logger);
    endOnUncaught(logger);
  }
  return { port, server, close };
}

/** Not where every request is logged: that is done by the way that all of them go. */
function publishLanes(server: Server, { config, live }: StartOptions): PublishLanes | undefined {
  if (live.publishing === undefined || config.logRequests) return undefined;
  const publishing = (req: IncomingMessage): Publishing | undefined => live.publishing?.(req);
  const { maxMessageBytes: maxBytes } = { ...DEFAULT_WIRE_LIMITS, ...config.limits };
  return new PublishLanes({ server, publishing, maxBytes, idleMs: KEEP_ALIVE_TIMEOUT_MS });
}

function requestListener(
  options: StartOptions,
  state: { readonly draining: boolean },
): (req: IncomingMessage, res: ServerResponse) => void {
  const { live, logger, config, fallback = () => false } = options;
  const trust = proxyTrust(config.trustProxy);
  const onError = (error: unknown, req: IncomingMessage): void =>
    logger.error({ err: error, method: req.method, url: redactUrl(req.url ?? '') }, 'request failed');
  const onRefused = (error: HttpError, req: IncomingMessage): void => {
    const denial = denialOf(error, req, clientAddress(req, trust));
    if (denial !== undefined) live.accessDenied(denial);
  };
  const router = new Router({ onError, onRefused, trustedHops: trust });
  const ready = loggedHealth(() => live.ready(), logger);
  router.use(healthRoutes(() => (state.draining ? { ready: false, reason: 'draining' } : ready())));
  for (const routes of options.routes ?? []) {
    router.use(routes);
  }
  const { origins, misdirected } = frontDoor(options);
  /** Pages of a listed origin may read what the routes answer; whom they trust otherwise is theirs to say. True: it was a preflight. */
  const allowListed = (req: IncomingMessage, res: ServerResponse): boolean =>
    origins.verdict(req) === 'listed' && origins.guard(req, res);
  const route = (req: IncomingMessage, res: ServerResponse): void => {
    const url = req.url ?? '/';
    // The hub has a /readyz of its own for when it is embedded; only ours knows that this server is about to end.
    if (live.handles(url) && requestPath(url) !== '/readyz') {
      live.handler(req, res);
    } else if (!allowListed(req, res) && !router.handle(req, res) && !fallback(req, res)) {
      sendError(req, res, {
        error: catalogueError('NOT_FOUND'),
        language: preferredLanguage(req.headers['accept-language']),
      });
    }
  };
  /** Nothing behind an ambiguous request is read as one. */
  const ambiguous = new WeakSet<Socket>();
  return (req, res) => {
    if (ambiguous.has(req.socket)) return;
    if (isAmbiguous(req)) {
      ambiguous.add(req.socket);
      refuseAmbiguous(req, res);
      return;
    }
    if (config.logRequests) {
      logRequest(logger, { req, res, address: clientAddress(req, trust) });
    }
    if (state.draining) {
      res.shouldKeepAlive = false;
    }
    const elsewhere = misdirected(req);
    if (elsewhere !== undefined) {
      sendError(req, res, { error: elsewhere, language: preferredLanguage(req.headers['accept-language']) });
      return;
    }
    try {
      route(req, res);
    } catch (error) {
      sendError(req, res, { error, language: preferredLanguage(req.headers['accept-language']) });
      if (isUnexpected(error)) {
        onError(error, req);
      }
    }
  };
}

/** Which pages are ours, and what was sent to a name that is not; whoever set the server up is told, for it is often their own. */
function frontDoor({ config, live, logger }: StartOptions): {
  readonly origins: OriginPolicy;
  readonly misdirected: (req: IncomingMessage) => HttpError | undefined;
} {
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

function refuseAmbiguous(req: IncomingMessage, res: ServerResponse): void {
  res.setHeader('Connection', 'close');
  sendError(req, res, { error: catalogueError('REQUEST_MALFORMED'), language: 'en' });
}

/** Handshakes that may wait: after a restart everybody comes at once, and what Node's 511 leave over tries again a second later. */
const BACKLOG = 4096;

function listen(server: Server, config: Pick<ServerConfig, 'port' | 'host'>): Promise<void> {
  const { port, host } = config;
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => reject(new StartError(whyNotListening(error, config), { cause: error }));
    server.once('error', refuse);
    server.listen({ port, backlog: BACKLOG, ...(host === '' ? {} : { host }) }, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

/** Out of descriptors, the kernel has connections that we cannot take: who is connected already must not suffer for it. */
function surviveAcceptErrors(server: Server, logger: Logger): void {
  const budget = new LineBudget();
  server.on('error', (err) => {
    if (budget.take(performance.now())) {
      logger.error({ err, suppressed: budget.suppressed() }, 'connection not accepted');
    }
  });
}

function whyNotListening(error: Error, config: Pick<ServerConfig, 'port' | 'host'>): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return `port ${config.port} is in use by another process; choose another with --port or PORT`;
  }
  if (code === 'EACCES') {
    return `port ${config.port} needs privileges that this process lacks; choose one above 1023 with --port or PORT`;
  }
  return `cannot listen on ${config.host || 'port'} ${config.port}: ${error.message}`;
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
