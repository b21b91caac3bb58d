/** What each call of the backend API does, once it is known who calls and the body is read. */
import type { IncomingMessage } from 'node:http';
import { isUnexpected, toHttpError } from '../errors.ts';
import { preferredLanguage } from '../language.ts';
import type { LiveApi, LiveReceipt } from '../live-api.ts';
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
import { historyAnswer } from './backend-answers.ts';
import { allowed, type BackendCaller, refusalOf } from './backend-caller.ts';
import type { BackendRates } from './backend-rates.ts';

export interface BackendCallsOptions {
  readonly live: LiveApi;
  readonly rates: BackendRates;
  /** Records what a caller did to the server, before it is answered. Must not reject. */
  readonly onAct: (act: BackendAct) => Promise<void>;
  /** Told what failed of a batch that was answered all the same. Must not throw. */
  readonly onError: (error: unknown, req: IncomingMessage) => void;
}

/** Something that a caller did to the server, and not on a channel. */
export interface BackendAct {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface BackendEndpoint {
  readonly maxBytes: number;
  /** From the body to what is answered. Throws, or rejects, with what went wrong. */
  call(body: unknown, call: BackendCall): Promise<unknown> | unknown;
}

export interface BackendCall {
  readonly req: IncomingMessage;
  readonly caller: BackendCaller;
}

/** A batch may be as long as so many messages. */
const MESSAGES_PER_BATCH = 16;

export class BackendCalls {
  readonly #live: LiveApi;
  readonly #rates: BackendRates;
  readonly #onAct: (act: BackendAct) => Promise<void>;
  readonly #onError: (error: unknown, req: IncomingMessage) => void;

  constructor({ live, rates, onAct, onError }: BackendCallsOptions) {
    this.#live = live;
    this.#rates = rates;
    this.#onAct = onAct;
    this.#onError = onError;
  }

  /** By the last segment of the path. `maxBytes`: of one message. */
  endpoints(maxBytes: number): ReadonlyMap<string, BackendEndpoint> {
    const live = this.#live;
    return new Map<string, BackendEndpoint>([
      ['publish', { maxBytes, call: (body, call) => this.publish(body, call) }],
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

  publish(body: unknown, call: BackendCall): LiveReceipt | Promise<LiveReceipt> {
    const request = this.#paid(readPublish(body), call);
    return allowed(call.caller.refusal('publish', request.channel), () => this.#live.publish(request));
  }

  /** The request, once it is paid for as one event. Throws RATE_LIMITED. */
  #paid<T>(request: T, call: BackendCall): T {
    this.#rates.spend(1, call);
    return request;
  }

  /** Every item gets its result at its place; one that is refused does not hinder the others. */
  async #batch(body: unknown, call: BackendCall): Promise<object> {
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

  #set(body: unknown, call: BackendCall): LiveReceipt | Promise<LiveReceipt> {
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

  /** Calls about the whole server. */
  #managing(
    maxBytes: number,
    calls: Readonly<Record<string, (body: unknown, caller: BackendCaller) => object>>,
  ): readonly (readonly [string, BackendEndpoint])[] {
    return Object.entries(calls).map(([name, run]) => {
      const call: BackendEndpoint['call'] = (body, { caller }) =>
        allowed(caller.refusal('manage', undefined), () => run(body, caller));
      return [name, { maxBytes, call }];
    });
  }
}

/** For calls that take nothing. */
function nothing<T>(body: unknown, answer: T): T {
  readNothing(body);
  return answer;
}
