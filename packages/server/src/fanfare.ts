/** What `createFanfare` gives: the channels of an application, and their HTTP side for the server it runs in. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CloseName, TransportName } from '@fanfare/protocol';
import type { ApiKeyOptions } from './auth/api-keys.ts';
import type { Authorize } from './auth/gate.ts';
import type { Authenticate, Identity } from './auth/identity.ts';
import type { Revocation } from './auth/revocations.ts';
import type { Ticket } from './auth/tickets.ts';
import type { ChannelOf, TransactionChannelOf } from './channels/channel-handles.ts';
import type { ChannelMap, DefinitionOf, KnownName, NamesOf } from './channels/channel-map.ts';
import type {
  ChannelReport,
  Clock,
  ConnectionReport,
  Credential,
  DenialFacts,
  Disconnected,
  DisconnectTarget,
  Engine,
  Entropy,
  HubObserver,
  HubStats,
  LimitFacts,
  Transport,
} from './core/index.ts';
import type { SqlDatabase } from './engines/index.ts';
import type { Limits } from './http/limits.ts';
import type { Health, LiveApi } from './http/live-api.ts';
import type { MetricsText } from './http/metrics-route.ts';
import type { Publishing } from './http/publishing.ts';
import type { RequestHead } from './http/request-head.ts';
import type { ExplainQuestion, Explanation } from './live-explain.ts';
import type { AuditTrail } from './observe/audit-trail.ts';
import type { ArrivalRefusal } from './transports/connection-gate.ts';
import type { Caller, OpenOptions, OwnConnection } from './transports/own/own-connection.ts';
import type { StreamOptions } from './transports/sse/view-streams.ts';
import type { WebSocketPath, WebSocketPathOptions } from './transports/ws/own-path.ts';

/** Options of `createFanfare()`. What makes no sense throws a TypeError there, before anything is opened. */
export interface FanfareOptions<M extends ChannelMap> {
  /** Where events are kept: `memory()`, `sqlite('data/fanfare.db')`. Closed by `close()`. */
  readonly engine: Engine;
  /** Definitions by pattern: `{ 'court:{pin}': state({ schema: Snapshot }) }`. A literal segment beats a `{capture}`. */
  readonly channels: M;
  /** Finds out who asks. @default everybody is anonymous */
  readonly authenticate?: Authenticate;
  /**
   * Decides where the rule of a channel says nothing: `grants()`, a function, or several in their order. @default nobody may
   */
  readonly authorize?: Authorize | readonly Authorize[];
  /** Key of the backend API, `/live/api/*`. @default none: every call is refused */
  readonly apiKey?: string;
  /** Further keys, each for what it is granted; only their hashes are kept. @default none */
  readonly apiKeys?: readonly ApiKeyOptions[];
  /** Web origins of other hosts that may read with credentials, exactly: `https://app.example.com`. @default none */
  readonly allowedOrigins?: readonly string[];
  /**
   * The origins that browsers reach this server by, exactly: `https://live.example.com`. Only pages of these are its own, a request to
   * another name gets 421, and no cookie is believed under one. @default whatever name it is reached by
   */
  readonly publicOrigins?: readonly string[];
  /** `public:{name}` and `public-state:{name}`, open to every reader; patterns of `channels` win. @default true */
  readonly publicChannels?: boolean;
  /** Wires that clients may use at first; `setTransports` changes them while they are connected. @default all */
  readonly transports?: readonly TransportName[];
  /** What callers may cost; docs/reference/limits.md has each with its default. */
  readonly limits?: Partial<Limits>;
  /** Between two heartbeats of a connection; at most 25000. @default 20000 */
  readonly heartbeatMs?: number;
  /** Lets anybody who reaches `GET /metrics` read it, and not only this machine and holders of the API key. @default false */
  readonly openMetrics?: boolean;
  /**
   * Proxies of yours in front: how many every request passes, or which they are, as addresses and networks (`['10.0.0.0/8']`).
   * 0: believe no `X-Forwarded-For`. @default 0
   */
  readonly trustedHops?: number | readonly string[];
  /**
   * Told every fault that a client saw as INTERNAL: an access rule that throws or answers nonsense, a bug. What it throws itself is only warned of.
   * @default `process.emitWarning`, each distinct message once a minute
   */
  readonly onError?: (error: unknown) => void;
  /** @default the system's */
  readonly clock?: Clock;
  /** @default the system's */
  readonly entropy?: Entropy;
}

/** Inside `transaction`: rows and events commit together, or neither. All verbs are synchronous. */
export interface Transaction<M extends ChannelMap> {
  /** The engine's own file: what is written to it here commits with the events. */
  readonly database: SqlDatabase;
  /** The verbs of one channel; what they throw undoes the whole transaction, unless it is caught. */
  channel<const N extends NamesOf<M>>(name: N & KnownName<M, N>): TransactionChannelOf<DefinitionOf<M, N>>;
}

/** What does not depend on the channel map: for code that takes any Fanfare. */
export interface AnyFanfare {
  /**
   * Answers /live/*, /healthz, /readyz. Anything else goes to `next`, where there is one (express, connect), or is
   * answered with 404. May be passed around without its object.
   */
  readonly handler: (req: IncomingMessage, res: ServerResponse, next?: () => void) => void;
  /** Is this URL's path one that `handler` serves? */
  handles(url: string): boolean;
  /**
   * Takes an upgrade request for one of our paths, as the 'upgrade' event of a server hands it out; false, and nothing
   * done, for any other path. For servers that are not attached. May be passed around without its object.
   */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /**
   * For a server of ours (`startServer`), which reads what follows on a connection that publishes by itself: what a request that published may go on
   * with. undefined: each of its kind is to be answered through `handler`.
   */
  publishing(req: IncomingMessage): Publishing | undefined;
  /**
   * For a server of ours (`startServer`), which reads simple requests itself: serves one of the live wires on its bare socket; false, and
   * nothing done: it is to be answered through `handler` or `upgrade`.
   */
  serveBare(head: RequestHead): boolean;
  /**
   * Serves our paths, and upgrades to WebSocket, on a server before the listeners it has now; call it after adding yours.
   * Other upgrades are left to who listens for them; where nobody does, they are served as the plain requests they are too.
   */
  attach(server: EventEmitter): void;
  /**
   * A system's own SSE path on hub channels: GET and HEAD, resumed by `Last-Event-ID` or `?cursor=`. Resolves when the
   * stream stands or was refused in-band; rejects only with a TypeError for a channel that the map does not have.
   */
  stream(req: IncomingMessage, res: ServerResponse, options: StreamOptions): Promise<void>;

  /**
   * A connection over a wire of the application's own: it gives the bytes of `encoding` to `transport`, and is to be told
   * what the wire says (`drained`, `ended`). Who may connect is the caller's to decide. With no room, or while the server
   * drains, it is closed at once.
   */
  open(transport: Transport, options: OpenOptions): OwnConnection;
  /** What a request tells of who calls: for connections that you open yourself. */
  callerOf(req: IncomingMessage): Caller;
  /**
   * Is there room for who sent the request: to be asked by an endpoint of your own, once per newcomer, before it does any work. Counts against
   * `connectsPerSecond` and `connectsPerSecondPerAddress`, as on our own paths; undefined: it may go on. Answer with `catalogueError(code)`.
   */
  arrives(req: IncomingMessage): ArrivalRefusal | undefined;
  /**
   * A WebSocket path of a system's own, with the Origin policy, credentials, limits and heartbeats of ours. Call it once per
   * path; the returned function takes each upgrade. May be passed around without its object.
   */
  webSocketPath(options: WebSocketPathOptions): WebSocketPath;

  /** By name instead of type: for gateways, and for the backend API, which is made of it. */
  readonly api: LiveApi;
  /** Wires that clients may use now. Views (`stream`) are not concerned. */
  readonly transports: readonly TransportName[];
  /**
   * Allows these wires and no other from now on: connected clients are told, and those over another move within 2 s, in
   * random slices, without loss. Throws a TypeError on an unknown name, and when none is left.
   */
  setTransports(transports: readonly TransportName[]): void;
  /**
   * Counts that somebody met a limit of the application's own, under a name of letters and digits: `wrongPins`. It is then in
   * `stats().limitHits` and in the metrics, and a hub event. Throws a TypeError for what is no name.
   */
  limitReached(limit: string, about?: LimitFacts): void;
  /** Records that an endpoint of your own refused somebody: a hub event, and an entry of the audit trail. */
  accessDenied(facts: DenialFacts): void;
  /** Who did what to the server, and who was refused what. Yours may join in: `live.audit.act({ actor, action, target })`. */
  readonly audit: AuditTrail;
  /** The text of `GET /metrics`: gauges and counters for Prometheus. */
  metrics(): Promise<MetricsText>;
  /** Can it take publishes now? What `GET /readyz` answers. */
  ready(): Health;
  /** Counts of this server. */
  stats(): HubStats;
  /** Hears operational facts until the returned function is called. */
  observe(listener: HubObserver): () => void;
  /** Channels that somebody follows on this server, in no order. */
  channels(): readonly ChannelReport[];
  /** How many follow the channel on this server now. */
  subscribers(channel: string): number;
  /** Open connections of this server, in no order. */
  connections(): readonly ConnectionReport[];
  /**
   * Who sent a request to a path of yours, as on our own: ticket, key, `authenticate`, whether it is in force. Rejects with what a
   * client is to be told.
   */
  identify(request: IncomingMessage): Promise<Identity | undefined>;
  /** Is a credential that was good once neither expired nor revoked by now? For what you keep of somebody beyond a request. */
  isInForce(credential: Credential): boolean;
  /** A one-time ticket for who sent the request, as `POST /live/tickets` gives it. Rejects as `identify`; UNAUTHENTICATED for nobody. */
  issueTicket(request: IncomingMessage): Promise<Ticket>;
  /** Why a token, or somebody, may do something on a channel, or may not: every rule that is asked, in words. Never rejects for an answer. */
  explain(question: ExplainQuestion): Promise<Explanation>;
  /**
   * Withdraws a token, the tokens of a subject, or all of them: they open nothing any more, and their connections end at once, on every
   * server of the engine. Kept where the engine keeps events. Resolves with how many connections ended here; rejects with
   * EngineUnavailable where it could not be kept.
   */
  revoke(revocation: Revocation): Promise<number>;
  /**
   * Ends connections of a subject, one by its id, or with `channel` only the subscriptions to it, on every server of the engine; what is
   * being let in at that moment does not stand either. Returns what ended here. Throws a TypeError for a target that names nobody.
   */
  disconnect(target: DisconnectTarget): Disconnected;
  /**
   * Ends the open connections of this server that match; returns how many. Who is being let in has no connection yet that could be
   * judged, and is spared: to reach both, name a target. @default close code `disconnectedByOperator`
   */
  disconnect(matches: (connection: ConnectionReport) => boolean, close?: CloseName): number;
  /** Refuses new clients, and ends the open connections in random slices with a code that says reconnect. @default 10000 */
  drain(options?: { readonly overMs?: number }): Promise<void>;
  /** Ends what is left and closes the engine. Idempotent. */
  close(): Promise<void>;
}

/** A hub with its channels, typed by its channel map. */
export interface Fanfare<M extends ChannelMap> extends AnyFanfare {
  /** The verbs of one channel, typed by its definition. */
  channel<const N extends NamesOf<M>>(name: N & KnownName<M, N>): ChannelOf<DefinitionOf<M, N>>;
  /**
   * Runs `work`, synchronously, inside the engine's commit: what it writes to the database and what it publishes is
   * stored together, and is delivered only then. A throw undoes both and rejects with the same error.
   * Rejects with TRANSACTIONS_UNSUPPORTED on an engine that has none.
   */
  transaction<T>(work: (tx: Transaction<M>) => T): Promise<T>;
}
