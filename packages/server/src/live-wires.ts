/** Every way for a client to reach the hub, and what they share. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Identity } from './auth/identity.ts';
import type { Publisher } from './channels/publisher.ts';
import type { Clock, DenialFacts, Entropy, Hub, HubLimits, LimitFacts, Transport } from './core/index.ts';
import { clientAddress } from './http/address.ts';
import type { HttpError } from './http/errors.ts';
import type { BareExchange } from './http/front/bare-exchange.ts';
import { preferredLanguage } from './http/language.ts';
import type { OriginPolicy } from './http/origin-policy.ts';
import type { ProxyTrust } from './http/proxy-trust.ts';
import type { RequestHead } from './http/request-head.ts';
import { Router } from './http/router.ts';
import type { WireLimits } from './http/wire-limits.ts';
import type { Admission } from './transports/admission.ts';
import { CommandRates } from './transports/commands/command-rates.ts';
import { Commands } from './transports/commands/commands.ts';
import type { ArrivalRefusal, ConnectionGate } from './transports/connection-gate.ts';
import { type Caller, type OpenOptions, OwnConnection } from './transports/own/own-connection.ts';
import { PollEndpoint } from './transports/poll/endpoint.ts';
import { PollLobby } from './transports/poll/lobby.ts';
import { SseEndpoint } from './transports/sse/endpoint.ts';
import type { SseStreams } from './transports/sse/streams.ts';
import { UplinkEndpoint } from './transports/uplink/endpoint.ts';
import { WsEndpoint } from './transports/ws/endpoint.ts';
import { upgradeRequired } from './transports/ws/handshake.ts';
import {
  type OwnPathHost,
  ownWebSocketPath,
  type WebSocketPath,
  type WebSocketPathOptions,
} from './transports/ws/own-path.ts';

export interface LiveWiresOptions {
  readonly hub: Hub;
  /** A one-time ticket for who sent the request. */
  readonly ticket: (request: IncomingMessage) => Promise<object>;
  readonly admission: Admission;
  readonly publisher: Publisher;
  readonly streams: SseStreams;
  readonly origins: OriginPolicy;
  readonly limits: HubLimits & WireLimits;
  readonly gate: ConnectionGate;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** Who asks; rejects with what the application throws. */
  readonly identify: (request: IncomingMessage) => Promise<Identity | undefined>;
  /** Is there nothing in the request that could say whose it is? */
  readonly isAnonymous: (request: RequestHead) => boolean;
  /** What an identity is refused with by now; undefined: nothing. */
  readonly outOfForce: (identity: Identity | undefined) => HttpError | undefined;
  /** Does the application tell users apart? */
  readonly knowsUsers: boolean;
  readonly trustedHops: ProxyTrust;
  readonly onError: (error: unknown) => void;
  /** Told who was refused. */
  readonly onDenied: (facts: DenialFacts) => void;
}

export class LiveWires {
  readonly #sse: SseEndpoint;
  readonly #poll: PollEndpoint;
  readonly #uplink: UplinkEndpoint;
  readonly #ws: WsEndpoint;
  readonly #own: OwnPathHost;
  readonly #rates: CommandRates;
  readonly #ticket: (request: IncomingMessage) => Promise<object>;

  constructor(options: LiveWiresOptions) {
    const { hub, admission, publisher, clock, identify, limits, onError, onDenied } = options;
    const onHit = (limit: keyof WireLimits, about: LimitFacts): void => hub.limitHits.hit(limit, about);
    const rates = new CommandRates({ limits, now: () => clock.now(), onHit });
    const shared = {
      commands: new Commands({
        ...{ admission, publisher, rates, disconnects: hub.disconnects, onError, onDenied },
        wallTime: () => clock.wallTime(),
      }),
      ...{ rates, limits, onHit },
      identify,
    };
    this.#rates = rates;
    this.#ticket = options.ticket;
    this.#sse = new SseEndpoint(options);
    const lobby = new PollLobby(clock);
    this.#poll = new PollEndpoint({ ...options, lobby });
    this.#uplink = new UplinkEndpoint({ ...shared, hub, lobby, outOfForce: options.outOfForce });
    this.#ws = new WsEndpoint({ ...options, ...shared });
    this.#own = { ...options, ...shared };
  }

  /** What a request tells of who calls. */
  callerOf(req: IncomingMessage): Caller {
    const address = clientAddress(req, this.#own.trustedHops);
    return { address, language: preferredLanguage(req.headers['accept-language']) };
  }

  /** Counts events that a user publishes by the backend API, as if they came over a wire. Throws RATE_LIMITED. */
  takePublishes(identity: string, events: number, req: IncomingMessage): void {
    this.#rates.takePublish({ id: '', identity, address: clientAddress(req, this.#own.trustedHops) }, events);
  }

  /** Why a newcomer has to wait outside; undefined: it may come in. */
  arrives(req: IncomingMessage): ArrivalRefusal | undefined {
    const { gate, trustedHops } = this.#own;
    const address = clientAddress(req, trustedHops);
    return gate.arrives(address) ?? gate.refuses({ identity: '', address, channels: [] });
  }

  /** A connection over a wire that the application reads and writes itself. */
  open(transport: Transport, options: OpenOptions): OwnConnection {
    const { identity, language = 'en', request, ...handshake } = options;
    const { hub, commands } = this.#own;
    const since = request === undefined ? undefined : hub.disconnects.asked(request);
    const connection = hub.open(transport, { ...handshake, credential: identity, since });
    return new OwnConnection({ commands, connection, identity, language });
  }

  webSocketPath(options: WebSocketPathOptions): WebSocketPath {
    return ownWebSocketPath(this.#own, options);
  }

  /** An event stream on a socket that is ours. Throws, or rejects with, what a route would. */
  serveStream(exchange: BareExchange): void | Promise<void> {
    return this.#sse.handle(exchange);
  }

  routes(): Router {
    return new Router()
      .get('/live/sse', (exchange) => this.#sse.handle(exchange))
      .get('/live/poll', (exchange) => this.#poll.handle(exchange))
      .get('/live/ws', () => {
        throw upgradeRequired();
      })
      .post('/live/uplink/{connection}', (exchange) => this.#uplink.handle(exchange))
      .post('/live/tickets', async (exchange) => exchange.send(200, await this.#ticket(exchange.req)));
  }

  /** A WebSocket for our path; anything else is not for us. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#ws.upgrade(req, socket, head);
  }

  /** A WebSocket on a socket that is ours, from a page that may ask. */
  serveWebSocket(head: RequestHead): void {
    this.#ws.admit(head);
  }
}
