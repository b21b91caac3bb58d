/** The composition root: puts engine, hub, channel map, transports and HTTP together. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CloseName, TransportName } from '@fanfare/protocol';
import type { Identity } from './auth/identity.ts';
import type { Revocation } from './auth/revocations.ts';
import type { Ticket } from './auth/tickets.ts';
import { ChannelVerbs } from './channels/channel-handles.ts';
import { type ChannelMap, ChannelRegistry, publicChannels } from './channels/channel-map.ts';
import { ChannelReader } from './channels/channel-reader.ts';
import { OpenChannels } from './channels/open-channels.ts';
import { Publisher } from './channels/publisher.ts';
import {
  type ChannelReport,
  type ConnectionReport,
  type Credential,
  type DenialFacts,
  type Disconnected,
  type DisconnectTarget,
  type Engine,
  Hub,
  type HubObserver,
  type HubStats,
  type LimitFacts,
  type Transport,
} from './core/index.ts';
import type { Fanfare, FanfareOptions, Transaction } from './fanfare.ts';
import { checkFanfareOptions, checkTransports, limitsOf } from './fanfare-options.ts';
import { countedNetwork } from './http/address.ts';
import { COUNTED_LIMITS } from './http/limits.ts';
import type { Health, LiveApi } from './http/live-api.ts';
import type { MetricsText } from './http/metrics-route.ts';
import { OriginPolicy } from './http/origin-policy.ts';
import { proxyTrust } from './http/proxy-trust.ts';
import type { Publishing } from './http/publishing.ts';
import type { RequestHead } from './http/request-head.ts';
import { LiveAuth } from './live-auth.ts';
import { liveApi } from './live-backend.ts';
import type { ExplainQuestion, Explanation } from './live-explain.ts';
import { LiveHttp } from './live-http.ts';
import { LiveWires } from './live-wires.ts';
import { AuditTrail } from './observe/audit-trail.ts';
import { CloseCounts } from './observe/close-counts.ts';
import { prometheusText } from './observe/prometheus.ts';
import { systemClock, systemEntropy } from './platform/system-clock.ts';
import { Transactions } from './transaction.ts';
import { type ArrivalRefusal, ConnectionGate } from './transports/connection-gate.ts';
import type { Caller, OpenOptions, OwnConnection } from './transports/own/own-connection.ts';
import { SseStreams } from './transports/sse/streams.ts';
import { type StreamOptions, ViewStreams } from './transports/sse/view-streams.ts';
import type { WebSocketPath, WebSocketPathOptions } from './transports/ws/own-path.ts';
import { reportFaults } from './warn-faults.ts';

const DEFAULT_DRAIN_MS = 10_000;

/**
 * A hub with its engine, its channels and its HTTP side. Serves nothing by itself: hand `handler` to a server, or
 * `attach` it. Throws a TypeError on options that make no sense, or that it does not know.
 */
export function createFanfare<const M extends ChannelMap>(options: FanfareOptions<M>): Fanfare<M> {
  checkFanfareOptions(options);
  return new Live(options);
}

class Live<M extends ChannelMap> implements Fanfare<M> {
  readonly handler: Fanfare<M>['handler'];
  readonly upgrade: Fanfare<M>['upgrade'];
  readonly api: LiveApi;
  readonly audit: AuditTrail;
  readonly #engine: Engine;
  readonly #hub: Hub;
  readonly #auth: LiveAuth;
  readonly #channels: OpenChannels;
  readonly #publisher: Publisher;
  readonly #reader: ChannelReader;
  readonly #transactions: Transactions;
  readonly #views: ViewStreams;
  readonly #closes = new CloseCounts();
  readonly #wires: LiveWires;
  readonly #http: LiveHttp;
  #closed: Promise<void> | undefined;

  constructor(options: FanfareOptions<M>) {
    const { engine, clock = systemClock, entropy = systemEntropy } = options;
    const onError = reportFaults(clock, options.onError);
    const limits = limitsOf(options);
    const registry = new ChannelRegistry({
      ...(options.publicChannels !== false && publicChannels()),
      ...options.channels,
    });
    const rules = (channel: string) => registry.rule(channel);
    this.#engine = engine;
    const { allowedOrigins = [], publicOrigins } = options;
    const trustedHops = proxyTrust(options.trustedHops ?? 0);
    const origins = new OriginPolicy(allowedOrigins, { publicOrigins, trustedHops });
    const auth = new LiveAuth({
      ...{ options, registry, origins, clock, entropy, broker: engine.broker, graceMs: limits.credentialGraceMs },
      hub: () => this.#hub,
    });
    this.#auth = auth;
    this.#hub = new Hub({
      ...{ broker: engine.broker, clock, entropy, rules, limits, networkOf: countedNetwork },
      isRevoked: (credential) => auth.isRevoked(credential),
      ...(options.transports && { transports: options.transports }),
      concat: (chunks) => Buffer.concat(chunks),
    });
    this.audit = new AuditTrail({ broker: engine.broker, clock, onError });
    this.#hub.observe(this.#closes.hear);
    this.#hub.observe((event) => {
      if (event.kind === 'access-denied') this.audit.denied(event);
    });
    for (const limit of COUNTED_LIMITS) this.#hub.limitHits.declare(limit);
    const channels = new OpenChannels(registry);
    this.#channels = channels;
    const bounds = { maxBytes: limits.maxMessageBytes, maxDepth: limits.maxJsonDepth };
    this.#publisher = new Publisher(channels, this.#hub, bounds);
    this.#reader = new ChannelReader(channels, this.#hub);
    this.#transactions = new Transactions({ engine, channels, publisher: this.#publisher, hub: this.#hub });
    const now = (): number => clock.now();
    const gate = new ConnectionGate({ hub: this.#hub, limits, now });
    const streams = new SseStreams({ hub: this.#hub, entropy, limits, rules, gate });
    this.#views = new ViewStreams({
      ...{ streams, gate, registry, origins, trustedHops },
      onDenied: (facts) => this.#hub.denied(facts),
    });
    this.api = liveApi({
      ...{ engine, hub: this.#hub, auth, audit: this.audit, publisher: this.#publisher, reader: this.#reader },
      setTransports: (transports) => this.setTransports(transports),
    });
    const wires = new LiveWires({
      ...{ hub: this.#hub, publisher: this.#publisher, streams },
      ...{ gate, origins, limits, clock, entropy, trustedHops, onError },
      ...auth.forWires(),
      onDenied: (facts) => this.#hub.denied(facts),
      knowsUsers: options.authenticate !== undefined,
    });
    this.#wires = wires;
    const ready = (): Health => this.ready();
    this.#http = new LiveHttp({
      ...{ api: this.api, ready, wires, limits, now, origins, trustedHops, onError },
      findCaller: auth.findCaller,
      metrics: () => this.metrics(),
      openMetrics: options.openMetrics ?? false,
      onHit: (limit, about) => this.#hub.limitHits.hit(limit, about),
      onDenied: (facts) => this.#hub.denied(facts),
      onAct: (act) => this.audit.act(act),
    });
    this.upgrade = (req, socket, head) => this.#http.upgrade(req, socket, head);
    this.handler = (req, res, next) => this.#http.handle(req, res, next);
  }

  // `never` fits whatever the interface promises for a name: the verbs are the same for all, their types differ.
  channel(name: string): never;
  channel(name: string): unknown {
    return new ChannelVerbs(name, this.#publisher, this.#reader);
  }

  transaction<T>(work: (tx: Transaction<M>) => T): Promise<T> {
    return this.#transactions.run(work);
  }

  serveBare(head: RequestHead): boolean {
    return this.#http.serveBare(head);
  }

  handles(url: string): boolean {
    return this.#http.handles(url);
  }

  publishing(req: IncomingMessage): Publishing | undefined {
    return this.#http.publishing(req);
  }

  attach(server: EventEmitter): void {
    this.#http.attach(server);
  }

  stream(req: IncomingMessage, res: ServerResponse, options: StreamOptions): Promise<void> {
    return this.#views.open(req, res, options);
  }

  open(transport: Transport, options: OpenOptions): OwnConnection {
    return this.#wires.open(transport, options);
  }

  callerOf(req: IncomingMessage): Caller {
    return this.#wires.callerOf(req);
  }

  arrives(req: IncomingMessage): ArrivalRefusal | undefined {
    return this.#wires.arrives(req);
  }

  webSocketPath(options: WebSocketPathOptions): WebSocketPath {
    return this.#wires.webSocketPath(options);
  }

  get transports(): readonly TransportName[] {
    return this.#hub.transports.allowed;
  }

  setTransports(transports: readonly TransportName[]): void {
    checkTransports(transports);
    this.#hub.transports.set(transports);
  }

  ready(): Health {
    return this.#hub.draining ? { ready: false, reason: 'draining' } : this.#engine.health();
  }

  limitReached(limit: string, about: LimitFacts = {}): void {
    this.#hub.limitHits.hit(limit, about);
  }

  accessDenied(facts: DenialFacts): void {
    this.#hub.denied(facts);
  }

  metrics(): Promise<MetricsText> {
    return prometheusText(this.#hub.stats(), this.#closes.list());
  }

  stats(): HubStats {
    return this.#hub.stats();
  }

  observe(listener: HubObserver): () => void {
    return this.#hub.observe(listener);
  }

  channels(): readonly ChannelReport[] {
    return this.#hub.channels();
  }

  subscribers(channel: string): number {
    return this.#hub.subscribers(channel);
  }

  connections(): readonly ConnectionReport[] {
    return this.#hub.connections();
  }

  identify(request: IncomingMessage): Promise<Identity | undefined> {
    this.#hub.disconnects.ask(request);
    return this.#auth.identify(request);
  }

  isInForce(credential: Credential): boolean {
    return this.#auth.isInForce(credential);
  }

  issueTicket(request: IncomingMessage): Promise<Ticket> {
    return this.#auth.ticket(request);
  }

  explain(question: ExplainQuestion): Promise<Explanation> {
    return this.#auth.explain(question);
  }

  revoke(revocation: Revocation): Promise<number> {
    return this.#auth.revoke(revocation);
  }

  disconnect(matches: (connection: ConnectionReport) => boolean, close?: CloseName): number;
  disconnect(target: DisconnectTarget): Disconnected;
  disconnect(
    whom: ((connection: ConnectionReport) => boolean) | DisconnectTarget,
    close: CloseName = 'disconnectedByOperator',
  ): number | Disconnected {
    return typeof whom === 'function' ? this.#hub.disconnect(whom, close) : this.#auth.disconnect(whom);
  }

  drain({ overMs = DEFAULT_DRAIN_MS }: { readonly overMs?: number } = {}): Promise<void> {
    return this.#hub.drain({ overMs });
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    this.#channels.close();
    this.#auth.close();
    this.#hub.close();
    await this.#engine.close();
  }
}
