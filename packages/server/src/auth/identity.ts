/** Who is asking: what `authenticate` found behind a request. */
import type { IncomingMessage } from 'node:http';

export interface Identity {
  /** Stable id of the user or the program. */
  readonly subject: string;
  readonly roles: readonly string[];
  readonly name?: string;
}

/**
 * Reads the credential of a request; undefined: anonymous. Throw a FanfareError to refuse a broken credential with its
 * status; any other throw is treated as a fault of the server, which an SSE client retries.
 */
export type Authenticate = (request: IncomingMessage) => Identity | undefined | Promise<Identity | undefined>;
