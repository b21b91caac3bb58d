/** GET /live/poll: who asks, for which channels, and the status of every refusal [PROTOCOL §15]. */
import type { IncomingMessage } from 'node:http';
import { ERRORS, type TransportName } from '@fanfare/protocol';
import type { Identity } from '../../auth/identity.ts';
import { type Entropy, type Hub, type HubLimits, retryDelayMs } from '../../core/index.ts';
import { catalogueError, type HttpError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import { sendError } from '../../http/respond.ts';
import { type Admission, accessError } from '../admission.ts';
import type { ConnectionGate } from '../connection-gate.ts';
import { type NamedChannels, namedChannels } from '../resume.ts';
import { type AnswerOptions, sendAnswer, sendUnchanged, wiresMark } from './answer.ts';
import type { PollLobby } from './lobby.ts';
import { Poll, type PollOptions, type PollOutcome } from './poll.ts';
import { type PollRequest, readPollRequest } from './request.ts';

export interface PollEndpointOptions {
  readonly hub: Hub;
  readonly lobby: PollLobby;
  readonly gate: ConnectionGate;
  readonly entropy: Entropy;
  readonly limits: Pick<HubLimits, 'minRetryMs' | 'maxRetryMs' | 'deadMs' | 'maxChannelsPerConnection'>;
  readonly admission: Admission;
  /** Who asks; rejects with what the application throws. */
  readonly identify: (request: IncomingMessage) => Promise<Identity | undefined>;
}

/** A handler for the router. */
export class PollEndpoint {
  readonly #options: PollEndpointOptions;

  constructor(options: PollEndpointOptions) {
    this.#options = options;
  }

  async handle(exchange: Exchange): Promise<void> {
    const { hub, lobby, admission, identify, limits } = this.#options;
    if (!hub.transports.allows('poll')) throw this.#refusal({ code: 'TRANSPORT_DISABLED' });
    const { query } = exchange;
    // Before anything else of it is read: who comes too fast is not worth the work.
    const tooFast = this.#arrives(query.get('connection') ?? '', exchange.address);
    if (tooFast !== undefined) throw this.#refusal({ code: tooFast });
    // A client that only commands reads no channel, and says so by polling as one that has begun, or is to wait.
    const isMute = !query.has('channel') && (query.has('connection') || query.has('wait'));
    const named: NamedChannels = isMute ? new Map() : namedChannels(query, limits.maxChannelsPerConnection);
    const channels = admission.resolveAll(named.keys());
    const request = readPollRequest(exchange, { query, named, channels });
    const since = lobby.leftAt(request.connection ?? '') ?? hub.disconnects.mark;
    const identity = await identify(exchange.req);
    const denied = await admission.firstDenied(channels, { identity, address: exchange.address });
    if (denied !== undefined) throw accessError(denied, { headers: this.#comeBack().headers });
    await this.#poll(exchange, request, { credential: identity, since });
  }

  /** A client that polls again has arrived before. An id of another wire, or from elsewhere, is no pass. */
  #arrives(id: string, address: string): 'RATE_LIMITED' | undefined {
    const { hub, lobby, gate } = this.#options;
    const open = hub.connection(id);
    const isBack = lobby.expects(id) || (open?.transport === 'poll' && open.address === address);
    return isBack ? undefined : gate.arrives(address);
  }

  async #poll(
    exchange: Exchange,
    request: PollRequest,
    asker: Pick<PollOptions, 'credential' | 'since'>,
  ): Promise<void> {
    const { hub, lobby, gate } = this.#options;
    const wires = (): string => wiresMark(this.#transports());
    const poll = new Poll({ hub, lobby, gate, request, ...asker, wires, address: exchange.address });
    const stop = whenGone(exchange, () => poll.hungUp());
    try {
      this.#answer(exchange, request, await poll.run());
    } finally {
      stop();
    }
  }

  #answer(exchange: Exchange, request: PollRequest, outcome: PollOutcome): void {
    const answer: AnswerOptions = {
      transports: this.#transports(),
      isOnce: request.isOnce,
      stallMs: this.#options.limits.deadMs,
    };
    switch (outcome.kind) {
      case 'answer':
        sendAnswer(exchange, outcome.gathered, answer);
        break;
      case 'unchanged':
        sendUnchanged(exchange, outcome.held, answer);
        break;
      case 'refused':
        // Not thrown: whatever failed on our side, the hub has told.
        sendError(exchange.req, exchange.res, { error: this.#refusal(outcome), language: exchange.language });
        break;
      case 'gone':
        exchange.res.destroy();
    }
  }

  #refusal({ code, close }: Omit<Extract<PollOutcome, { kind: 'refused' }>, 'kind'>): HttpError {
    const { headers, retryMs } = this.#comeBack(close?.retryMs);
    if (!ERRORS[code].retry) return catalogueError(code, close && { close: close.code });
    if (code !== 'TRANSPORT_DISABLED') return catalogueError(code, { retryMs }, headers);
    const { allowed } = this.#options.hub.transports;
    return catalogueError(code, { retryMs, transports: allowed, expected: allowed.join(', ') }, headers);
  }

  /** undefined: all of them. */
  #transports(): readonly TransportName[] | undefined {
    const { transports } = this.#options.hub;
    return transports.restricts ? transports.allowed : undefined;
  }

  /** When to come back, spread by chance: who was refused together must not return together. */
  #comeBack(least?: number): { readonly headers: HttpError['headers']; readonly retryMs: number } {
    const { limits, entropy } = this.#options;
    const retryMs = least ?? retryDelayMs(limits, entropy, Number.POSITIVE_INFINITY);
    return { headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryMs / 1000))) }, retryMs };
  }
}

/** Calls back when the client hangs up, also from behind another request on its wire; the returned function stops it. */
function whenGone({ req, res }: Exchange, gone: () => void): () => void {
  const wire = req.httpVersionMajor > 1 ? res : req.socket;
  const look = (): void => {
    if (wire.destroyed) gone();
  };
  look();
  // Not of the socket: a client may send many requests at once, and each would leave a listener there.
  req.once('close', look);
  res.once('close', look);
  return () => {
    req.off('close', look);
    res.off('close', look);
  };
}
