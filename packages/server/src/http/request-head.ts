/** What is read of a request before anybody needs more: an `IncomingMessage` is one, and so is what came past `node:http`. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
}
