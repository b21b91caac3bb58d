/** POST /live/api/*: how any backend, in any language, publishes and asks, with a key or a token. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { presentedKey } from './api-key.ts';
import {
  readBatch,
  readBatchItem,
  readExplain,
  readHistory,
  readNothing,
  readPublish,
  readRevocation,
  readSet,
  readTarget,
  readTransports,
} from './api-requests.ts';
import { allowed, type BackendCaller, type FindCaller } from './backend-caller.ts';
import { collectBody, parseJson, readJson, refuseContentType } from './body.ts';
import { catalogueError, HttpError, isUnexpected, RequestAborted, toHttpError, tooMany } from './errors.ts';
import { preferredLanguage } from './language.ts';
import type { LiveApi, LiveHistoryPage, LiveHistoryRange, LiveReceipt } from './live-api.ts';
import { RateLimiter } from './rate-limiter.ts';
import { requestPath } from './request-path.ts';
import { JSON_HEADERS, sendError } from './respond.ts';
import { DEFAULT_WIRE_LIMITS, type WireLimits } from './wire-limits.ts';

export interface BackendApiOptions {
  readonly live: LiveApi;
  readonly findCaller: FindCaller;
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
  call(body: unknown, call: Call): Promise<unknown> | unknown;
}

interface Call {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly caller: BackendCaller;
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
  readonly #findCaller: FindCaller;
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
    this.#findCaller = options.findCaller;
    this.#onError = options.onError ?? (() => {});
    this.#onRefused = options.onRefused ?? (() => {});
    this.#onHit = options.onHit ?? (() => {});
    this.#maxDepth = limits.maxJsonDepth;
    const burst = Math.max(1, perSecond * BURST_SECONDS);
    this.#rate = perSecond === 0 ? undefined : new RateLimiter({ burst, perSecond, now });
    this.#endpoints = new Map<string, Endpoint>([
      ['publish', { maxBytes, call: (body, call) => this.#publish(body, call) }],
      ['set', { maxBytes, call: (body, call) => this.#set(body, call) }],
      ['batch', { maxBytes: MESSAGES_PER_BATCH * maxBytes, call: (body, call) => this.#batch(body, call) }],
      ['history', { maxBytes, call: (body, { caller }) => this.#history(body, caller) }],
      ['explain', { maxBytes, call: (body, { caller }) => this.#explain(body, caller) }],
      ['disconnect', { maxBytes, call: (body, { caller }) => this.#disconnect(body, caller) }],
      ...this.#managing(maxBytes, {
        channels: (body) => ({ channels: nothing(body, live.channels()) }),
        connections: (body) => ({ connections: nothing(body, live.connections()) }),
        transports: (body) => this.#transports(body),
        stats: (body) => nothing(body, live.stats()),
        revoke: async (body) => ({ connections: await live.revoke(readRevocation(body)) }),
      }),
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
    } else {
      this.#admit(endpoint, req, res);
    }
    return true;
  }

  #admit(endpoint: Endpoint, req: IncomingMessage, res: ServerResponse): void {
    const go = (caller: BackendCaller | HttpError): void => {
      if (caller instanceof HttpError) this.#refuse(caller, req, res);
      else this.#receive(endpoint, { req, res, caller });
    };
    const found = this.#findCaller(req);
    // Who has a key is known at once.
    if (found instanceof Promise) found.then(go, (error: unknown) => this.#refuse(error, req, res));
    else go(found);
  }

  /** Calls about the whole server. */
  #managing(
    maxBytes: number,
    calls: Readonly<Record<string, (body: unknown) => object>>,
  ): readonly (readonly [string, Endpoint])[] {
    return Object.entries(calls).map(([name, run]) => {
      const call: Endpoint['call'] = (body, { caller }) =>
        allowed(caller.refusal('manage', undefined), () => run(body));
      return [name, { maxBytes, call }];
    });
  }

  #receive(endpoint: Endpoint, call: Call): void {
    const { req, res } = call;
    if ('body' in req && req.body !== undefined) {
      this.#receiveParsed(endpoint, call);
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
        Promise.resolve(endpoint.call(isEmpty ? {} : parseJson(body, this.#maxDepth), call)).then(
          (answer) => answerOk(res, answer),
          (error: unknown) => this.#refuse(error, req, res),
        );
      } catch (error) {
        this.#refuse(error, req, res);
      }
    });
  }

  /** The application's own parser has read the body: its value is taken, after the same checks. */
  #receiveParsed(endpoint: Endpoint, call: Call): void {
    const { req, res } = call;
    readJson(req, { maxDepth: this.#maxDepth })
      .then((body) => endpoint.call(body, call))
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
  async #batch(body: unknown, { req, caller }: Call): Promise<object> {
    const items = readBatch(body);
    this.#spend(items.length, req);
    const results: Promise<LiveReceipt | object>[] = [];
    for (const item of items) {
      const asked = refusalOf(item, caller);
      // A decision that takes its time must not let a later item overtake.
      const refusal = asked instanceof Promise ? await asked.catch((error: unknown) => error) : asked;
      results.push(this.#batchItem(item, refusal, req));
    }
    return { results: await Promise.all(results) };
  }

  async #batchItem(item: unknown, refusal: unknown, req: IncomingMessage): Promise<LiveReceipt | object> {
    try {
      const { kind, request } = readBatchItem(item);
      if (refusal !== undefined) throw refusal;
      return await (kind === 'publish' ? this.#live.publish(request) : this.#live.set(request));
    } catch (error) {
      if (isUnexpected(error)) {
        this.#onError(error, req);
      }
      return toHttpError(error).body(preferredLanguage(req.headers['accept-language']));
    }
  }

  #publish(body: unknown, { req, caller }: Call): LiveReceipt | Promise<LiveReceipt> {
    const request = this.#paid(readPublish(body), req);
    return allowed(caller.refusal('publish', request.channel), () => this.#live.publish(request));
  }

  #set(body: unknown, { req, caller }: Call): LiveReceipt | Promise<LiveReceipt> {
    const request = this.#paid(readSet(body), req);
    return allowed(caller.refusal('publish', request.channel), () => this.#live.set(request));
  }

  #history(body: unknown, caller: BackendCaller): object | Promise<object> {
    const range = readHistory(body);
    const read = async (): Promise<object> => historyAnswer(range, await this.#live.history(range));
    return allowed(caller.refusal('history', range.channel), read);
  }

  #explain(body: unknown, caller: BackendCaller): object | Promise<object> {
    const question = readExplain(body);
    return allowed(caller.refusal('manage', question.channel), () => this.#live.explain(question));
  }

  #disconnect(body: unknown, caller: BackendCaller): object | Promise<object> {
    const target = readTarget(body);
    return allowed(caller.refusal('manage', target.channel), () => this.#live.disconnect(target));
  }

  /** Answers which wires may be used, after the change where one was asked for. */
  #transports(body: unknown): object {
    const transports = readTransports(body);
    if (transports !== undefined) this.#live.setTransports(transports);
    return { transports: this.#live.transports() };
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

/** What an item of a batch is refused with before it is looked at closely. */
function refusalOf(item: unknown, caller: BackendCaller): ReturnType<BackendCaller['refusal']> {
  const channel: unknown = typeof item === 'object' && item !== null && 'channel' in item ? item.channel : undefined;
  return typeof channel === 'string' ? caller.refusal('publish', channel) : undefined;
}

/** For calls that take nothing. */
function nothing<T>(body: unknown, answer: T): T {
  readNothing(body);
  return answer;
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
