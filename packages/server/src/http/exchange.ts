/** One request and its answer, as a handler sees them. Everything but the two Node objects is computed when asked for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Language } from '@fanfare/protocol';
import { cameOverTls, clientAddress } from './address.ts';
import { type BodyOptions, readJson } from './body.ts';
import { preferredLanguage } from './language.ts';
import type { ProxyTrust } from './proxy-trust.ts';
import type { RequestHead } from './request-head.ts';
import { queryOf, requestPath } from './request-path.ts';
import { type HeaderMap, sendJson } from './respond.ts';

export interface ExchangeOptions {
  /** Values of the path's `{param}` segments, decoded. @default none */
  readonly params?: Readonly<Record<string, string>>;
  /** Proxies of ours in front: how many, or which; 0 = believe no `X-Forwarded-*`. @default 0 */
  readonly trustedHops?: ProxyTrust;
}

export class Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
  readonly #trustedHops: ProxyTrust;
  #url: URL | undefined;
  #language: Language | undefined;

  constructor(req: IncomingMessage, res: ServerResponse, options: ExchangeOptions = {}) {
    this.req = req;
    this.res = res;
    this.params = options.params ?? {};
    this.#trustedHops = options.trustedHops ?? 0;
  }

  /** What was asked. */
  get head(): RequestHead {
    return this.req;
  }

  /** Path and query. The host is always `localhost`: what the caller claims to be calling decides nothing here. */
  get url(): URL {
    if (this.#url === undefined) {
      const target = this.req.url ?? '/';
      const query = target.indexOf('?');
      this.#url = new URL(`http://localhost${requestPath(target)}${query === -1 ? '' : target.slice(query)}`);
    }
    return this.#url;
  }

  /** The query alone, where nothing else of the URL is asked for: a whole URL was 4 % of what a connection costs. */
  get query(): URLSearchParams {
    return queryOf(this.req.url);
  }

  /** What the reader understands, by `Accept-Language`. */
  get language(): Language {
    this.#language ??= preferredLanguage(this.req.headers['accept-language']);
    return this.#language;
  }

  /** Of the caller, without a port; '' when it is not known. */
  get address(): string {
    return clientAddress(this.req, this.#trustedHops);
  }

  /** Did the browser come over TLS? Then its cookies should be `Secure`. */
  get isSecure(): boolean {
    return cameOverTls(this.req, this.#trustedHops);
  }

  /** Value of a request header; several of one name are joined as HTTP joins them. */
  header(name: string): string | undefined {
    const value = this.req.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  /** The path parameter, which the route declares. Throws a TypeError when it does not. */
  param(name: string): string {
    const value = this.params[name];
    if (value === undefined) {
      throw new TypeError(`The route has no {${name}} segment.`);
    }
    return value;
  }

  /** The JSON body; see readJson for what is refused, and how. */
  json(options?: BodyOptions): Promise<unknown> {
    return readJson(this.req, options);
  }

  /** Answers with a value as JSON. */
  send(status: number, body: unknown, headers?: HeaderMap): void {
    this.sendJson(status, JSON.stringify(body) ?? 'null', headers);
  }

  /** Answers with a JSON text that was serialised before. */
  sendJson(status: number, json: string, headers: HeaderMap = {}): void {
    sendJson(this.req, this.res, { status, json, headers });
  }

  /** 204: done, and there is nothing to say. */
  noContent(headers: HeaderMap = {}): void {
    for (const [name, value] of Object.entries(headers)) {
      this.res.setHeader(name, typeof value === 'string' ? value : [...value]);
    }
    this.res.writeHead(204).end();
  }
}
