/** The port of a server: how it is had, and what is done where connections come that cannot be taken. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LineBudget } from '../../observe/line-budget.ts';
import type { Logger } from '../../observe/logger.ts';
import type { ServerConfig } from './config/server-config.ts';
import { StartError } from './start-error.ts';

/** Handshakes that may wait: after a restart everybody comes at once, and what Node's 511 leave over tries again a second later. */
const BACKLOG = 4096;

/** Rejects with a StartError that says what to do when the address cannot be had. */
export function listen(server: Server, config: Pick<ServerConfig, 'port' | 'host'>): Promise<void> {
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
export function surviveAcceptErrors(server: Server, logger: Logger): void {
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

/** 0: it does not listen. */
export function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
