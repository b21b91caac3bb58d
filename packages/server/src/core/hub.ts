/**
 * The authority on the connections and channels of this process: takes appends to the broker, gives every connection its
 * events in order, keeps every bound. Knows no transport, no engine and no system.
 */
import { type CloseName, type Position, TRANSPORTS } from '@fanfare/protocol';
import { Behind } from './behind.ts';
import type { ChannelRule } from './channel-rule.ts';
import { ChannelTable } from './channel-table.ts';
import { Connection } from './connection.ts';
import type { HubCounters } from './connection-host.ts';
import { ConnectionTable, type Newcomer, type RoomLimit } from './connection-table.ts';
import type { Credential } from './credential.ts';
import { CrowdExit } from './crowd-exit.ts';
import { Disconnects } from './disconnects.ts';
import { concatBytes } from './event-batch.ts';
import type { Handshake } from './handshake.ts';
import { HeartbeatWheel } from './heartbeat-wheel.ts';
import { type DenialFacts, HubEventStream, type HubObserver } from './hub-events.ts';
import { HubHost } from './hub-host.ts';
import type { HubAppend, HubOptions, HubRead } from './hub-options.ts';
import {
  type ChannelReport,
  type ConnectionReport,
  type HubStats,
  reportChannel,
  reportConnection,
} from './hub-reports.ts';
import { LimitHits } from './limit-hits.ts';
import { DEFAULT_LIMITS, type HubLimits } from './limits.ts';
import type { LiveChannel } from './live-channel.ts';
import type { Appended, AppendRequest, Broker, ReadOutcome } from './ports/broker.ts';
import type { Clock, Entropy } from './ports/clock.ts';
import type { Transport } from './ports/transport.ts';
import { closeInSlices } from './sliced-close.ts';
import { TransportSwitch } from './transport-switch.ts';
import { Turn } from './turn.ts';

export class Hub {
  readonly transports: TransportSwitch;
  /** Ends connections by whose they are, those that are let in meanwhile too. */
  readonly disconnects: Disconnects;
  /** Counts who met which bound. */
  readonly limitHits: LimitHits;
  readonly #broker: Broker;
  readonly #clock: Clock;
  readonly #entropy: Entropy;
  readonly #limits: HubLimits;
  readonly #channels: ChannelTable;
  readonly #connections: ConnectionTable;
  readonly #events = new HubEventStream();
  readonly #behind: Behind;
  readonly #wheel: HeartbeatWheel;
  readonly #exit: CrowdExit;
  readonly #host: HubHost;
  readonly #startedAt: number;
  readonly #isRevoked: (credential: Credential) => boolean;
  #published = 0;
  #draining = false;

  constructor(options: HubOptions) {
    const { broker, clock, entropy, rules, concat = concatBytes, networkOf = (address) => address } = options;
    const limits: HubLimits = { ...DEFAULT_LIMITS, ...options.limits };
    const turn = new Turn(clock);
    const { transports: initial = TRANSPORTS } = options;
    const connections = (): Iterable<Connection> => this.#connections.values();
    this.#broker = broker;
    this.#clock = clock;
    this.#entropy = entropy;
    this.#limits = limits;
    this.limitHits = new LimitHits(this.#events);
    this.#connections = new ConnectionTable({ limits, networkOf });
    this.#startedAt = clock.now();
    this.#isRevoked = options.isRevoked ?? (() => false);
    this.transports = new TransportSwitch({ initial, connections, clock, entropy, events: this.#events });
    this.disconnects = new Disconnects(connections);
    this.#wheel = new HeartbeatWheel(clock);
    this.#behind = new Behind(clock);
    this.#exit = new CrowdExit(clock);
    const onHole = (channel: LiveChannel): void => this.#events.emit({ kind: 'hole-in-follow', channel: channel.name });
    const counters: HubCounters = { delivered: 0, conflated: 0, droppedSignals: 0, slowConsumers: 0 };
    this.#channels = new ChannelTable({ broker, clock, limits, concat, turn, rules, counters, onHole });
    const { limitHits: hits, disconnects, transports } = this;
    const shared = {
      clock,
      entropy,
      limits,
      turn,
      counters,
      transports,
      behind: this.#behind,
      wheel: this.#wheel,
      exit: this.#exit,
      isRevoked: this.#isRevoked,
    };
    const deps = { channels: this.#channels, limits, events: this.#events, hits, disconnects };
    this.#host = new HubHost(shared, this.#connections, deps);
  }

  /** Which bound leaves no room for a connection of this user, from this address; undefined: there is room. */
  exceeded(newcomer: Newcomer): RoomLimit | undefined {
    return this.#connections.exceeded(newcomer);
  }

  /** false once `drain` has begun, and where nobody at all has room. */
  get accepts(): boolean {
    return !this.#draining && this.#connections.size < this.#limits.maxConnections;
  }

  /** Open now. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Takes a wire and greets it. Over the limit or draining, it is closed at once with a code that says come back. */
  open(transport: Transport, handshake: Handshake): Connection {
    const refused = this.#refusal(handshake);
    const connection = new Connection(this.#host, transport, handshake);
    this.#connections.add(connection);
    this.#events.emit({ kind: 'connection-opened', connection: connection.id, label: connection.label });
    // It has run out while its access was asked: nothing is delivered to it, not even until it would be looked at in turn.
    const ended = refused ?? (connection.lapsed ? 'credentialExpired' : this.#endedMeanwhile(connection, handshake));
    if (ended === undefined) connection.greet(handshake.retryMs);
    else connection.close(ended);
    return connection;
  }

  /**
   * Appends to a log or state channel; resolves when the engine has it, as durably as the ack says. With a retention, the request is handed
   * on as it is: the caller knows the channel's rule.
   * @throws EngineUnavailable: try again with the same idempotency key. RangeError on a channel without a rule.
   */
  append(request: HubAppend | AppendRequest): Promise<Appended> {
    const whole =
      'retention' in request
        ? request
        : { ...request, key: request.key ?? '', retention: this.#rule(request.channel).retention };
    this.#published += 1;
    return this.#broker.append(whole);
  }

  /** Counts appends that reached the broker past `append`, inside an engine's transaction. */
  countPublished(events: number): void {
    this.#published += events;
  }

  /** Sends a signal to whoever listens now. */
  broadcast(signal: { readonly channel: string; readonly event: string; readonly dataJson: string }): void {
    this.#published += 1;
    this.#broker.broadcast(signal);
  }

  /** Kept events after a position. @throws EngineUnavailable, RangeError on a channel without a rule. */
  read(request: HubRead): Promise<ReadOutcome> {
    const { channel, after, limit } = request;
    return this.#broker.read({ channel, retention: this.#rule(channel).retention, after, limit });
  }

  /** Watched channels, in no order. */
  channels(): readonly ChannelReport[] {
    return Array.from(this.#channels.watched(), reportChannel);
  }

  /** By its id; undefined: it has ended, or never was. */
  connection(id: string): Connection | undefined {
    return this.#connections.get(id);
  }

  /** The open connections themselves, in no order. */
  each(): Iterable<Connection> {
    return this.#connections.values();
  }

  connections(): readonly ConnectionReport[] {
    const now = this.#clock.now();
    return Array.from(this.#connections.values(), (connection) => reportConnection(connection, now));
  }

  /** Is nothing newer than this position, as known here without asking the engine? */
  isNewest(channel: string, position: Position): boolean {
    return this.#channels.get(channel)?.isNewest(position) ?? false;
  }

  /** Has it all the subscribers that its rule allows? A name without a rule has no room for any. */
  isFull(channel: string): boolean {
    return this.subscribers(channel) >= (this.#channels.rule(channel)?.maxSubscribers ?? 0);
  }

  subscribers(channel: string): number {
    return this.#channels.get(channel)?.subscribers.length ?? 0;
  }

  /** Ends the connections that match; returns how many. */
  disconnect(matches: (connection: ConnectionReport) => boolean, name: CloseName): number {
    const now = this.#clock.now();
    const chosen = [...this.#connections.values()].filter((connection) => matches(reportConnection(connection, now)));
    for (const connection of chosen) connection.close(name);
    return chosen.length;
  }

  /** Ends the connections whose credential matches, for good; returns how many. */
  revoke(matches: (credential: Credential) => boolean): number {
    const chosen = [...this.#connections.values()].filter(
      ({ credential }) => credential !== undefined && matches(credential),
    );
    for (const connection of chosen) connection.close('revoked');
    return chosen.length;
  }

  stats(): HubStats {
    return {
      ...this.#host.shared.counters,
      published: this.#published,
      limitHits: this.limitHits.counts(),
      connections: this.#connections.size,
      subscriptions: this.#host.subscriptions,
      channels: this.#channels.size,
      uptimeMs: Math.round(this.#clock.now() - this.#startedAt),
    };
  }

  /** Tells observers that somebody was refused. */
  denied(facts: DenialFacts): void {
    this.#events.emit({ kind: 'access-denied', ...facts });
  }

  /** Hears every hub event until the returned function is called. An observer that throws is dropped. */
  observe(observer: HubObserver): () => void {
    return this.#events.observe(observer);
  }

  /** Takes no more connections, and ends the open ones in random slices with a code that says reconnect. */
  async drain(options: { readonly overMs: number }): Promise<void> {
    this.#draining = true;
    const startedAt = this.#clock.now();
    this.#events.emit({ kind: 'drain-started', connections: this.#connections.size });
    const connections = [...this.#connections.values()];
    const close = (connection: Connection): void => connection.close('drain');
    await closeInSlices({ connections, overMs: options.overMs, clock: this.#clock, entropy: this.#entropy, close });
    this.#events.emit({ kind: 'drain-ended', ms: Math.round(this.#clock.now() - startedAt) });
  }

  /** Ends what is left and stops every timer. */
  close(): void {
    this.#draining = true;
    for (const connection of [...this.#connections.values()]) connection.close('drain');
    this.#exit.endAll();
    this.#wheel.close();
    this.#behind.close();
    this.#channels.close();
  }

  /** Handlers have asked before, where their wire has better words; nothing has come in between. */
  #refusal({ credential, address = '' }: Handshake): CloseName | undefined {
    if (this.#draining) return 'drain';
    if (credential !== undefined && this.#isRevoked(credential)) return 'revoked';
    const identity = credential?.subject ?? '';
    const exceeded = this.exceeded({ identity, address });
    if (exceeded === undefined) return undefined;
    this.limitHits.hit(exceeded, { address, ...(identity === '' ? {} : { identity }) });
    return 'overloaded';
  }

  #endedMeanwhile(connection: Connection, { since }: Handshake): CloseName | undefined {
    const reached = this.disconnects.reached(since, connection);
    if (reached === 'spared') return undefined;
    return reached === 'ended' ? 'disconnectedByOperator' : 'overloaded';
  }

  #rule(channel: string): ChannelRule {
    const rule = this.#channels.rule(channel);
    if (rule === undefined) throw new RangeError(`no channel pattern matches ${JSON.stringify(channel)}`);
    return rule;
  }
}
