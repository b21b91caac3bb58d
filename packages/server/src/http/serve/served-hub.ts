/** What a server needs of the hub it serves. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Denial } from '../denial-of.ts';
import type { Health } from '../live-api.ts';
import type { Publishing } from '../publishing.ts';
import type { RequestHead } from '../request-head.ts';

/** What the server needs of a hub: `Fanfare` is one. */
export interface ServedHub {
  /** Is this URL one of the hub's own? */
  handles(url: string): boolean;
  readonly handler: (req: IncomingMessage, res: ServerResponse) => void;
  /** Takes an upgrade for one of the hub's paths; false: it is not the hub's. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /** What a request that published may go on with, past `node:http`; undefined: the usual way. Absent: all go it. */
  publishing?(req: IncomingMessage): Publishing | undefined;
  /**
   * Serves a request for one of the live wires on its bare socket, past `node:http`; false, and nothing done: it is to be answered the
   * usual way. Absent: all are.
   */
  serveBare?(head: RequestHead): boolean;
  /** Counts that somebody met a limit before there was a request. */
  limitReached(limit: 'maxHeaderBytes' | 'headersTimeoutMs'): void;
  /** Records that one of the routes beside the hub refused somebody. */
  accessDenied(facts: Denial): void;
  ready(): Health;
  stats(): { readonly connections: number };
  /** Tells the open connections to come back elsewhere, spread over the time. */
  drain(options: { readonly overMs: number }): Promise<void>;
  /** Lets go of the engine. */
  close(): Promise<void>;
}
