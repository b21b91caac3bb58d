/** A hub, routes and pages on one node:http server, with limits on what a peer may cost and an orderly end. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { logUpgrade } from '../../observe/request-log.ts';
import { clientAddress } from '../address.ts';
import { PublishLanes } from '../front/publish-lanes.ts';
import { proxyTrust } from '../proxy-trust.ts';
import type { Publishing } from '../publishing.ts';
import { DEFAULT_WIRE_LIMITS } from '../wire-limits.ts';
import { answerClientError } from './client-error.ts';
import { continueWhenDue } from './continue-when-due.ts';
import { frontDoor } from './front-door.ts';
import { listen, portOf, surviveAcceptErrors } from './listening.ts';
import { RequestListener } from './request-listener.ts';
import { shutDown } from './shut-down.ts';
import { endOnSignals, endOnUncaught } from './signals.ts';
import { standBefore } from './stand-before.ts';
import type { StartOptions } from './start-options.ts';
import { listenForUpgrades } from './upgrade-requests.ts';

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
  const door = frontDoor(options);
  const listener = new RequestListener(options, { door, state });
  const onRequest = (req: IncomingMessage, res: ServerResponse): void => {
    lanes?.watch(req, res);
    listener.answer(req, res);
  };
  // Node alone would answer an expectation that it does not know with a bare 417; RFC 9110 §10.1.1 lets us pass over it.
  server.on('request', onRequest).on('checkExpectation', onRequest);
  server.on('checkContinue', (req, res) => {
    continueWhenDue(res);
    onRequest(req, res);
  });
  const trust = proxyTrust(config.trustProxy);
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
