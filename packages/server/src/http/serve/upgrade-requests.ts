/** Requests that come with their bare socket, since they ask for something else than an answer: upgrades, and CONNECT. */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../observe/logger.ts';
import { redactUrl } from '../../observe/redact-url.ts';
import { catalogueError, type HttpError } from '../errors.ts';
import { serveAsPlainRequest } from '../plain-request.ts';
import { rejectUpgrade } from '../reject-upgrade.ts';
import { isAmbiguous } from './ambiguous-request.ts';

/** Takes an upgrade request; false, and nothing done: it is for somebody else. */
export type UpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

export interface UpgradeRequestOptions {
  /** Asked in order; what nobody takes is served as a plain request. */
  readonly takers: readonly UpgradeHandler[];
  readonly misdirected: (req: IncomingMessage) => HttpError | undefined;
  /** Told every one of them first. */
  readonly log: (req: IncomingMessage) => void;
  readonly logger: Logger;
}

/** From now on none of them is without an answer: Node by itself hangs up on a CONNECT. */
export function listenForUpgrades(server: Server, options: UpgradeRequestOptions): void {
  const { takers, misdirected, log, logger } = options;
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    log(req);
    const refusal = isAmbiguous(req) ? catalogueError('REQUEST_MALFORMED') : misdirected(req);
    if (refusal !== undefined) {
      rejectUpgrade(req, socket, refusal);
      return;
    }
    try {
      if (!takers.some((take) => take(req, socket, head)) && !serveAsPlainRequest(req, socket, head)) socket.destroy();
    } catch (err) {
      logger.error({ err, url: redactUrl(req.url ?? '') }, 'upgrade failed');
      socket.destroy();
    }
  });
  server.on('connect', (req: IncomingMessage, socket: Duplex) => {
    log(req);
    rejectUpgrade(req, socket, isAmbiguous(req) ? catalogueError('REQUEST_MALFORMED') : noTunnels());
  });
}

function noTunnels(): HttpError {
  const allowed = 'GET, POST';
  return catalogueError('METHOD_NOT_ALLOWED', { expected: allowed, got: 'CONNECT' }, { Allow: allowed });
}
