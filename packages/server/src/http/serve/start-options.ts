/** What a server is made of: a hub, what it answers beside it, and how it is reached. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../observe/logger.ts';
import type { Router } from '../router.ts';
import type { ServerConfig } from './config/server-config.ts';
import type { ServedHub } from './served-hub.ts';
import type { UpgradeHandler } from './upgrade-requests.ts';

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
