/** The hub's side towards its connections: what they ask of it, what they tell it, and what is counted of that. */
import type { Behind } from './behind.ts';
import type { ChannelTable } from './channel-table.ts';
import type { Connection } from './connection.ts';
import type { ConnectionEnd, ConnectionHost } from './connection-host.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { Credential } from './credential.ts';
import type { DeliveryCounters } from './delivery-host.ts';
import type { Disconnects } from './disconnects.ts';
import type { SubscribeOptions, SubscribeOutcome } from './handshake.ts';
import type { HeartbeatWheel } from './heartbeat-wheel.ts';
import type { HubEventStream, LimitFacts } from './hub-events.ts';
import type { LimitHits } from './limit-hits.ts';
import type { HubLimits } from './limits.ts';
import type { Clock, Entropy } from './ports/clock.ts';
import type { ControlFacts } from './ports/transport.ts';
import { resume, type SubscribeDeps, subscribe } from './subscribe.ts';
import type { Subscription } from './subscription.ts';
import type { TransportSwitch } from './transport-switch.ts';
import type { Turn } from './turn.ts';

export interface HubCounters extends DeliveryCounters {
  slowConsumers: number;
}

export interface HubHostParts {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly limits: HubLimits;
  readonly counters: HubCounters;
  readonly turn: Turn;
  readonly behind: Behind;
  readonly wheel: HeartbeatWheel;
  readonly events: HubEventStream;
  readonly channels: ChannelTable;
  readonly connections: ConnectionTable;
  readonly transports: TransportSwitch;
  readonly limitHits: LimitHits;
  readonly disconnects: Disconnects;
  readonly isRevoked: (credential: Credential) => boolean;
}

export class HubHost implements ConnectionHost<Connection> {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly limits: HubLimits;
  readonly counters: HubCounters;
  readonly turn: Turn;
  readonly behind: Behind;
  readonly wheel: HeartbeatWheel;
  readonly transports: TransportSwitch;
  readonly isRevoked: (credential: Credential) => boolean;
  readonly #events: HubEventStream;
  readonly #channels: ChannelTable;
  readonly #connections: ConnectionTable;
  readonly #limitHits: LimitHits;
  readonly #joins: SubscribeDeps;
  #subscriptions = 0;

  constructor(parts: HubHostParts) {
    const { limits, channels, events, limitHits, disconnects } = parts;
    this.clock = parts.clock;
    this.entropy = parts.entropy;
    this.limits = limits;
    this.counters = parts.counters;
    this.turn = parts.turn;
    this.behind = parts.behind;
    this.wheel = parts.wheel;
    this.transports = parts.transports;
    this.isRevoked = parts.isRevoked;
    this.#events = events;
    this.#channels = channels;
    this.#connections = parts.connections;
    this.#limitHits = limitHits;
    this.#joins = { limits, channels, events, hits: limitHits, disconnects };
  }

  /** Of clients, to all channels. */
  get subscriptions(): number {
    return this.#subscriptions;
  }

  connectionCount(): number {
    return this.#connections.size;
  }

  isFull(subject: string): boolean {
    return this.#connections.isFull(subject);
  }

  identified(connection: Connection, before: string): void {
    this.#connections.identified(connection, before);
  }

  hit(limit: string, about: LimitFacts): void {
    this.#limitHits.hit(limit, about);
  }

  facts(connection: Connection, cursor: string): ControlFacts {
    const first = connection.subscriptions[0];
    const subscribers = first === undefined ? 0 : (this.#channels.get(first.channel)?.subscribers.length ?? 0);
    return { cursor, connections: this.#connections.size, subscribers };
  }

  subscribe(
    connection: Connection,
    channel: string,
    options: SubscribeOptions,
  ): SubscribeOutcome | Promise<SubscribeOutcome> {
    return subscribe(this.#joins, connection, { ...options, channel });
  }

  added(): void {
    this.#subscriptions += 1;
  }

  release(connection: Connection, subscription: Subscription): void {
    const channel = this.#channels.get(subscription.channel);
    if (channel === undefined || !subscription.attached) return;
    channel.detach(subscription);
    if (!connection.isServer) this.#subscriptions -= 1;
    this.#channels.release(channel);
    this.#events.emit({ kind: 'unsubscribed', connection: connection.id, channel: channel.name });
  }

  closed(connection: Connection, end: ConnectionEnd): void {
    this.#connections.remove(connection);
    const { id, label, openedAt } = connection;
    const ageMs = this.clock.now() - openedAt;
    this.#events.emit({ kind: 'connection-closed', connection: id, label, ...end, ageMs });
  }

  slow({ id, label, delivery }: Connection): void {
    this.counters.slowConsumers += 1;
    this.#events.emit({ kind: 'slow-consumer', connection: id, label, bufferedBytes: delivery.bufferedBytes });
  }

  failed({ id, label }: Connection, error: unknown): void {
    this.#events.emit({ kind: 'connection-failed', connection: id, label, error });
  }

  resume(connection: Connection, subscription: Subscription): void {
    const channel = this.#channels.get(subscription.channel);
    if (channel !== undefined) void resume(this.#joins, { connection, channel, subscription });
  }
}
