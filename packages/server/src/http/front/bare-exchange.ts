/** A request that came past `node:http`, and its answer: what an `Exchange` is to a handler, with Node's two objects made only when asked for. */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Language } from '@fanfare/protocol';
import { clientAddress } from '../address.ts';
import { preferredLanguage } from '../language.ts';
import type { ProxyTrust } from '../proxy-trust.ts';
import type { RequestHead } from '../request-head.ts';
import { requestMessage } from '../request-message.ts';
import { queryOf } from '../request-path.ts';

export interface BareOptions {
  readonly trustedHops: ProxyTrust;
  /** Of the answer, beside its own. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export class BareExchange {
  readonly head: RequestHead;
  /** Of the answer, beside its own. */
  readonly headers: BareOptions['headers'];
  readonly #trustedHops: ProxyTrust;
  #req: IncomingMessage | undefined;
  #res: ServerResponse | undefined;

  constructor(head: RequestHead, { trustedHops, headers }: BareOptions) {
    this.head = head;
    this.headers = headers;
    this.#trustedHops = trustedHops;
  }

  get req(): IncomingMessage {
    this.#req ??= requestMessage(this.head);
    return this.#req;
  }

  /** For an answer that is no stream: the last on its socket. */
  get res(): ServerResponse {
    this.#res ??= this.#respond();
    return this.#res;
  }

  get query(): URLSearchParams {
    return queryOf(this.head.url);
  }

  get language(): Language {
    return preferredLanguage(this.head.headers['accept-language']);
  }

  get address(): string {
    return clientAddress(this.head, this.#trustedHops);
  }

  #respond(): ServerResponse {
    const { socket } = this.head;
    const res = new ServerResponse(this.req);
    res.shouldKeepAlive = false;
    for (const [name, value] of this.headers) res.setHeader(name, value);
    res.assignSocket(socket);
    res.once('finish', () => {
      res.detachSocket(socket);
      socket.destroySoon();
    });
    return res;
  }
}
