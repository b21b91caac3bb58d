/** POST /live/api/*: how any backend, in any language, publishes and asks, with a key or a token. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  readAudit,
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
import { answerOk, hasNoBody, historyAnswer, refusalWithoutBody } from './backend-answers.ts';
import { allowed, type BackendCaller, type FindCaller, MASTER, refusalOf } from './backend-caller.ts';
import { BackendRates } from './backend-rates.ts';
import { collectBody, parseJson, readJson, refuseContentType } from './body.ts';
import { catalogueError, HttpError, isUnexpected, RequestAborted, toHttpError } from './errors.ts';
import { preferredLanguage } from './language.ts';
import type { LiveApi, LiveReceipt } from './live-api.ts';
import type { Publishing } from './publishing.ts';
import { requestPath } from './request-path.ts';
import { sendError } from './respond.ts';
import { DEFAULT_WIRE_LIMITS, type WireLimits } from './wire-limits.ts';

export interface BackendApiOptions {
  readonly live: LiveApi;
  readonly findCaller: FindCaller;
  /** Told every failure that was answered with 500 INTERNAL. Must not throw. @default nothing */
  readonly onError?: (error: unknown, req: IncomingMessage) => void;
  /** Told every refusal that was answered. Must not throw. @default nothing */
  readonly onRefused?: (error: HttpError, req: IncomingMessage) => void;
  /** Records what a caller did to the server, before it is answered. Must not reject. @default nothing */
  readonly onAct?: (act: BackendAct) => Promise<void>;
  /** @default those of a public server */
  readonly limits?: Pick<WireLimits, 'maxMessageBytes' | 'maxJsonDepth' | 'publishesPerSecondPerKey'>;
  /** Counts events of a user, over whatever wire. Throws RATE_LIMITED. @default nothing is counted */
  readonly takeOfUser?: (user: string, events: number, req: IncomingMessage) => void;
  /** Told when a key publishes too fast. @default nothing */
  readonly onHit?: (limit: 'publishesPerSecondPerKey', req: IncomingMessage) => void;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

/** Something that a caller did to the server, and not on a channel. */
export interface BackendAct {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: Readonly<Record<string, unknown>>;
}

interface Endpoint {
  readonly maxBytes: number;
  /** From the body to what is answered. Throws, or rejects, with what went wrong. */
  call(body: unknown, call: Call): Promise<unknown> | unknown;
}

interface Call {
  readonly req: IncomingMessage;
  readonly caller: BackendCaller;
}

const PREFIX = '/live/api/';
/** A batch may be as long as so many messages. */
const MESSAGES_PER_BATCH = 16;

export class BackendApi {
  readonly #live: LiveApi;
  readonly #findCaller: FindCaller;
  readonly #onError: (error: unknown, req: IncomingMessage) => void;
  readonly #onRefused: (error: HttpError, req: IncomingMessage) => void;
  readonly #onAct: (act: BackendAct) => Promise<void>;
  readonly #maxDepth: number;
  readonly #rates: BackendRates;
  /** Requests that carried the key of the server. */
  readonly #byMaster = new WeakSet<IncomingMessage>();
  /** By the last segment of the path. */
  readonly #endpoints: ReadonlyMap<string, Endpoint>;

  constructor(options: BackendApiOptions) {
    const { live, limits = DEFAULT_WIRE_LIMITS, now = performance.now.bind(performance) } = options;
    const { maxMessageBytes: maxBytes, publishesPerSecondPerKey: perSecondPerKey } = limits;
    this.#live = live;
    this.#findCaller = options.findCaller;
    this.#onError = options.onError ?? (() => {});
    this.#onRefused = options.onRefused ?? (() => {});
    this.#onAct = options.onAct ?? (() => Promise.resolve());
    this.#maxDepth = limits.maxJsonDepth;
    const { takeOfUser, onHit = () => {} } = options;
    this.#rates = new BackendRates({ perSecondPerKey, takeOfUser, onHit, now });
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
        audit: (body) => live.audit(readAudit(body)),
        transports: (body, caller) => this.#transports(body, caller),
        stats: (body) => nothing(body, live.stats()),
        revoke: (body, caller) => this.#revoke(body, caller),
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

  /**
   * For requests that are like this one, which published, but for their body. undefined: not by the holder of the server's key, and who else may
   * publish is asked each time.
   */
  publishing(req: IncomingMessage): Publishing | undefined {
    if (!this.#byMaster.has(req)) return undefined;
    return {
      publish: (body) => this.#publish(parseJson(body, this.#maxDepth), { req, caller: MASTER }),
      refuse: (error, res) => this.#refuse(error, req, res),
    };
  }

  #admit(endpoint: Endpoint, req: IncomingMessage, res: ServerResponse): void {
    const go = (caller: BackendCaller | HttpError): void => {
      if (caller === MASTER) this.#byMaster.add(req);
      if (caller instanceof HttpError) this.#refuse(caller, req, res);
      else this.#receive(endpoint, { req, caller }, res);
    };
    const found = this.#findCaller(req);
    // Who has a key is known at once.
    if (found instanceof Promise) found.then(go, (error: unknown) => this.#refuse(error, req, res));
    else go(found);
  }

  /** Calls about the whole server. */
  #managing(
    maxBytes: number,
    calls: Readonly<Record<string, (body: unknown, caller: BackendCaller) => object>>,
  ): readonly (readonly [string, Endpoint])[] {
    return Object.entries(calls).map(([name, run]) => {
      const call: Endpoint['call'] = (body, { caller }) =>
        allowed(caller.refusal('manage', undefined), () => run(body, caller));
      return [name, { maxBytes, call }];
    });
  }

  #receive(endpoint: Endpoint, call: Call, res: ServerResponse): void {
    const { req } = call;
    if ('body' in req && req.body !== undefined) {
      this.#receiveParsed(endpoint, call, res);
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
      const refuse = (error: unknown): void => this.#refuse(isEmpty ? refusalWithoutBody(error) : error, req, res);
      try {
        Promise.resolve(endpoint.call(isEmpty ? {} : parseJson(body, this.#maxDepth), call)).then(
          (answer) => answerOk(res, answer),
          refuse,
        );
      } catch (error) {
        refuse(error);
      }
    });
  }

  /** The application's own parser has read the body: its value is taken, after the same checks. */
  #receiveParsed(endpoint: Endpoint, call: Call, res: ServerResponse): void {
    const { req } = call;
    readJson(req, { maxDepth: this.#maxDepth })
      .then((body) => endpoint.call(body, call))
      .then(
        (answer) => answerOk(res, answer),
        (error: unknown) => this.#refuse(error, req, res),
      );
  }

  /** The request, once it is paid for as one event. Throws RATE_LIMITED. */
  #paid<T>(request: T, call: Call): T {
    this.#rates.spend(1, call);
    return request;
  }

  /** Every item gets its result at its place; one that is refused does not hinder the others. */
  async #batch(body: unknown, call: Call): Promise<object> {
    const { req, caller } = call;
    const items = readBatch(body);
    this.#rates.spend(items.length, call);
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

  #publish(body: unknown, call: Call): LiveReceipt | Promise<LiveReceipt> {
    const request = this.#paid(readPublish(body), call);
    return allowed(call.caller.refusal('publish', request.channel), () => this.#live.publish(request));
  }

  #set(body: unknown, call: Call): LiveReceipt | Promise<LiveReceipt> {
    const request = this.#paid(readSet(body), call);
    return allowed(call.caller.refusal('publish', request.channel), () => this.#live.set(request));
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
    return allowed(caller.refusal('manage', target.channel), async () => {
      const ended = this.#live.disconnect(target);
      const { channel, subject, connection } = target;
      const [kind, whom] = channel !== undefined ? ['channel', channel] : ['user', subject];
      const about = whom === undefined ? `connection:${connection}` : `${kind}:${whom}`;
      await this.#onAct({ actor: caller.name, action: 'disconnect', target: about, details: { ...target, ended } });
      return ended;
    });
  }

  /** Answers which wires may be used, after the change where one was asked for. */
  async #transports(body: unknown, { name: actor }: BackendCaller): Promise<object> {
    const transports = readTransports(body);
    if (transports !== undefined) {
      this.#live.setTransports(transports);
      await this.#onAct({ actor, action: 'set-transports', target: 'server', details: { transports } });
    }
    return { transports: this.#live.transports() };
  }

  async #revoke(body: unknown, { name: actor }: BackendCaller): Promise<object> {
    const revocation = readRevocation(body);
    const connections = await this.#live.revoke(revocation);
    const target =
      'subject' in revocation ? `user:${revocation.subject}` : 'tokenId' in revocation ? 'token' : 'server';
    await this.#onAct({ actor, action: 'revoke', target, details: { ...revocation, connections } });
    return { connections };
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

/** For calls that take nothing. */
function nothing<T>(body: unknown, answer: T): T {
  readNothing(body);
  return answer;
}
