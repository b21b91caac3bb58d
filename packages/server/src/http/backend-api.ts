/** POST /live/api/*: how any backend, in any language, publishes and asks. Authorised by the API key, nothing else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiKeyCheck, presentedKey } from './api-key.ts';
import {
  readBatch,
  readBatchItem,
  readHistory,
  readNothing,
  readPublish,
  readSet,
  readTransports,
} from './api-requests.ts';
import { collectBody, parseJson, readJson, refuseContentType } from './body.ts';
import { catalogueError, type HttpError, isUnexpected, RequestAborted, toHttpError, tooMany } from './errors.ts';
import { preferredLanguage } from './language.ts';
import type { LiveApi, LiveHistoryPage, LiveHistoryRange, LiveReceipt } from './live-api.ts';
import { RateLimiter } from './rate-limiter.ts';
import { requestPath } from './request-path.ts';
import { JSON_HEADERS, sendError } from './respond.ts';
import { DEFAULT_WIRE_LIMITS, type WireLimits } from './wire-limits.ts';

export interface BackendApiOptions {
  readonly live: LiveApi;
  /** undefined: every call is refused. */
  readonly apiKey: string | undefined;
  /** Told every failure that was answered with 500 INTERNAL. Must not throw. @default nothing */
  readonly onError?: (error: unknown, req: IncomingMessage) => void;
  /** Told every refusal that was answered. Must not throw. @default nothing */
  readonly onRefused?: (error: HttpError, req: IncomingMessage) => void;
  /** @default those of a public server */
  readonly limits?: Pick<WireLimits, 'maxMessageBytes' | 'maxJsonDepth' | 'publishesPerSecondPerKey'>;
  /** Told when a key publishes too fast. @default nothing */
  readonly onHit?: (limit: 'publishesPerSecondPerKey', req: IncomingMessage) => void;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

interface Endpoint {
  readonly maxBytes: number;
  /** From the body to what is answered. Throws, or rejects, with what went wrong. */
  call(body: unknown, req: IncomingMessage): Promise<unknown> | object;
}

const PREFIX = '/live/api/';
/** A batch may be as long as so many messages. */
const MESSAGES_PER_BATCH = 16;
/** Events that a key may publish at once, in seconds of the long run. */
const BURST_SECONDS = 10;
/** Header block of every answer but errors; the length follows. */
const OK_HEADERS: readonly string[] = Object.entries(JSON_HEADERS).flat();

export class BackendApi {
  readonly #live: LiveApi;
  readonly #key: ApiKeyCheck;
  readonly #onError: (error: unknown, req: IncomingMessage) => void;
  readonly #onRefused: (error: HttpError, req: IncomingMessage) => void;
  readonly #onHit: (limit: 'publishesPerSecondPerKey', req: IncomingMessage) => void;
  readonly #maxDepth: number;
  /** undefined: no limit. */
  readonly #rate: RateLimiter | undefined;
  /** By the last segment of the path. */
  readonly #endpoints: ReadonlyMap<string, Endpoint>;

  constructor(options: BackendApiOptions) {
    const { live, limits = DEFAULT_WIRE_LIMITS, now = performance.now.bind(performance) } = options;
    const { maxMessageBytes: maxBytes, publishesPerSecondPerKey: perSecond } = limits;
    this.#live = live;
    this.#key = new ApiKeyCheck(options.apiKey);
    this.#onError = options.onError ?? (() => {});
    this.#onRefused = options.onRefused ?? (() => {});
    this.#onHit = options.onHit ?? (() => {});
    this.#maxDepth = limits.maxJsonDepth;
    const burst = Math.max(1, perSecond * BURST_SECONDS);
    this.#rate = perSecond === 0 ? undefined : new RateLimiter({ burst, perSecond, now });
    this.#endpoints = new Map<string, Endpoint>([
      ['publish', { maxBytes, call: (body, req) => live.publish(this.#paid(readPublish(body), req)) }],
      ['set', { maxBytes, call: (body, req) => live.set(this.#paid(readSet(body), req)) }],
      ['batch', { maxBytes: MESSAGES_PER_BATCH * maxBytes, call: (body, req) => this.#batch(body, req) }],
      ['history', { maxBytes, call: (body) => this.#history(readHistory(body)) }],
      ['channels', { maxBytes, call: (body) => this.#channels(body) }],
      ['transports', { maxBytes, call: (body) => this.#transports(body) }],
      ['stats', { maxBytes, call: (body) => this.#stats(body) }],
    ]);
  }

  /** Answers every request under /live/api/; false, and nothing done, for any other path. */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const path = requestPath(req.url ?? '/');
    if (!path.startsWith(PREFIX)) {
      return false;
    }
    const endpoint = this.#endpoints.get(path.slice(PREFIX.length));
    if (endpoint === undefined) {
      this.#refuse(catalogueError('NOT_FOUND'), req, res);
    } else if (req.method !== 'POST') {
      const details = { expected: 'POST', got: req.method ?? '' };
      this.#refuse(catalogueError('METHOD_NOT_ALLOWED', details, { Allow: 'POST' }), req, res);
    } else if (this.#key.accepts(req)) {
      this.#receive(endpoint, req, res);
    } else {
      this.#refuse(this.#key.refusal(), req, res);
    }
    return true;
  }

  #receive(endpoint: Endpoint, req: IncomingMessage, res: ServerResponse): void {
    if ('body' in req && req.body !== undefined) {
      this.#receiveParsed(endpoint, req, res);
      return;
    }
    const isEmpty = hasNoBody(req);
    const wrongType = isEmpty ? undefined : refuseContentType(req);
    if (wrongType !== undefined) {
      this.#refuse(wrongType, req, res);
      return;
    }
    collectBody(req, endpoint.maxBytes, (body) => {
      if (!Buffer.isBuffer(body)) {
        this.#refuse(body, req, res);
        return;
      }
      try {
        Promise.resolve(endpoint.call(isEmpty ? {} : parseJson(body, this.#maxDepth), req)).then(
          (answer) => answerOk(res, answer),
          (error: unknown) => this.#refuse(error, req, res),
        );
      } catch (error) {
        this.#refuse(error, req, res);
      }
    });
  }

  /** The application's own parser has read the body: its value is taken, after the same checks. */
  #receiveParsed(endpoint: Endpoint, req: IncomingMessage, res: ServerResponse): void {
    readJson(req, { maxDepth: this.#maxDepth })
      .then((body) => endpoint.call(body, req))
      .then(
        (answer) => answerOk(res, answer),
        (error: unknown) => this.#refuse(error, req, res),
      );
  }

  /** The request, once its key has paid for one event. Throws RATE_LIMITED. */
  #paid<T>(request: T, req: IncomingMessage): T {
    this.#spend(1, req);
    return request;
  }

  #spend(events: number, req: IncomingMessage): void {
    const verdict = this.#rate?.take(presentedKey(req) ?? '', events);
    if (verdict === undefined || verdict.allowed) return;
    this.#onHit('publishesPerSecondPerKey', req);
    throw tooMany(verdict.retryAfterMs);
  }

  /** Every item gets its result at its place; one that is refused does not hinder the others. */
  async #batch(body: unknown, req: IncomingMessage): Promise<object> {
    const items = readBatch(body);
    this.#spend(items.length, req);
    const results = items.map((item) => this.#batchItem(item, req));
    return { results: await Promise.all(results) };
  }

  async #batchItem(item: unknown, req: IncomingMessage): Promise<LiveReceipt | object> {
    try {
      const { kind, request } = readBatchItem(item);
      return await (kind === 'publish' ? this.#live.publish(request) : this.#live.set(request));
    } catch (error) {
      if (isUnexpected(error)) {
        this.#onError(error, req);
      }
      return toHttpError(error).body(preferredLanguage(req.headers['accept-language']));
    }
  }

  async #history(range: LiveHistoryRange): Promise<object> {
    return historyAnswer(range, await this.#live.history(range));
  }

  #channels(body: unknown): object {
    readNothing(body);
    return { channels: this.#live.channels() };
  }

  /** Answers which wires may be used, after the change where one was asked for. */
  #transports(body: unknown): object {
    const transports = readTransports(body);
    if (transports !== undefined) this.#live.setTransports(transports);
    return { transports: this.#live.transports() };
  }

  #stats(body: unknown): object {
    readNothing(body);
    return this.#live.stats();
  }

  #refuse(error: unknown, req: IncomingMessage, res: ServerResponse): void {
    sendError(req, res, { error, language: preferredLanguage(req.headers['accept-language']) });
    if (error instanceof RequestAborted) return;
    if (isUnexpected(error)) {
      this.#onError(error, req);
    }
    this.#onRefused(toHttpError(error), req);
  }
}

/** `position`: the next `after`. `recovered`: only when the caller presented a position. */
function historyAnswer(range: LiveHistoryRange, page: LiveHistoryPage): object {
  if (page.kind === 'gap') {
    return { events: [], position: page.head, more: false, recovered: false, cause: page.cause };
  }
  return {
    events: page.events.map((event) => ({ channel: range.channel, ...event })),
    position: page.events.at(-1)?.position ?? page.head,
    more: page.more,
    ...(range.after === undefined ? {} : { recovered: true }),
  };
}

function answerOk(res: ServerResponse, answer: unknown): void {
  const json = JSON.stringify(answer);
  res.writeHead(200, [...OK_HEADERS, 'Content-Length', String(Buffer.byteLength(json))]).end(json);
}

/** `channels` and `stats` may be asked without a body; the others then miss their fields. */
function hasNoBody(req: IncomingMessage): boolean {
  const length = req.headers['content-length'];
  return (length === undefined || length === '0') && req.headers['transfer-encoding'] === undefined;
}
