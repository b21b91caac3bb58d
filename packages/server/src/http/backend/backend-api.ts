/** POST /live/api/*: how any backend, in any language, publishes and asks, with a key or a token. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describeValue } from '@fanfare/protocol';
import { collectBody, parseJson, readJson, refuseContentType } from '../body.ts';
import { catalogueError, HttpError, isUnexpected, RequestAborted, toHttpError } from '../errors.ts';
import { preferredLanguage } from '../language.ts';
import type { LiveApi } from '../live-api.ts';
import type { Publishing } from '../publishing.ts';
import { requestPath } from '../request-path.ts';
import { sendError } from '../respond.ts';
import { DEFAULT_WIRE_LIMITS, type WireLimits } from '../wire-limits.ts';
import { answerOk, hasNoBody, refusalWithoutBody } from './backend-answers.ts';
import { type BackendCaller, type FindCaller, MASTER } from './backend-caller.ts';
import { type BackendAct, type BackendCall, BackendCalls, type BackendEndpoint } from './backend-calls.ts';
import { BackendRates } from './backend-rates.ts';

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

const PREFIX = '/live/api/';

export class BackendApi {
  readonly #findCaller: FindCaller;
  readonly #onError: (error: unknown, req: IncomingMessage) => void;
  readonly #onRefused: (error: HttpError, req: IncomingMessage) => void;
  readonly #maxDepth: number;
  readonly #calls: BackendCalls;
  /** Requests that carried the key of the server. */
  readonly #byMaster = new WeakSet<IncomingMessage>();
  /** By the last segment of the path. */
  readonly #endpoints: ReadonlyMap<string, BackendEndpoint>;

  constructor(options: BackendApiOptions) {
    const { live, limits = DEFAULT_WIRE_LIMITS, now = performance.now.bind(performance) } = options;
    this.#findCaller = options.findCaller;
    this.#onError = options.onError ?? (() => {});
    this.#onRefused = options.onRefused ?? (() => {});
    this.#maxDepth = limits.maxJsonDepth;
    const { takeOfUser, onHit = () => {}, onAct = () => Promise.resolve() } = options;
    const rates = new BackendRates({ perSecondPerKey: limits.publishesPerSecondPerKey, takeOfUser, onHit, now });
    this.#calls = new BackendCalls({ live, rates, onAct, onError: this.#onError });
    this.#endpoints = this.#calls.endpoints(limits.maxMessageBytes);
  }

  /** Answers every request under /live/api/; false, and nothing done, for any other path. */
  handle(req: IncomingMessage, res: ServerResponse): boolean {
    const path = requestPath(req.url ?? '/');
    if (!path.startsWith(PREFIX)) {
      return false;
    }
    const endpoint = this.#endpoints.get(path.slice(PREFIX.length));
    if (endpoint === undefined) {
      const details = {
        expected: `one of ${[...this.#endpoints.keys()].join(', ')}`,
        got: describeValue(path.slice(PREFIX.length)),
      };
      this.#refuse(catalogueError('NOT_FOUND', details), req, res);
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
      publish: (body) => this.#calls.publish(parseJson(body, this.#maxDepth), { req, caller: MASTER }),
      refuse: (error, res) => this.#refuse(error, req, res),
    };
  }

  #admit(endpoint: BackendEndpoint, req: IncomingMessage, res: ServerResponse): void {
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

  #receive(endpoint: BackendEndpoint, call: BackendCall, res: ServerResponse): void {
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
  #receiveParsed(endpoint: BackendEndpoint, call: BackendCall, res: ServerResponse): void {
    const { req } = call;
    readJson(req, { maxDepth: this.#maxDepth })
      .then((body) => endpoint.call(body, call))
      .then(
        (answer) => answerOk(res, answer),
        (error: unknown) => this.#refuse(error, req, res),
      );
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
