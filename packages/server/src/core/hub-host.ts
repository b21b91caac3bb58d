/** The hub's side towards its connections: what they ask of it, what they tell it, and what is counted of that. */
import type { Connection } from './connection.ts';
import type { ConnectionEnd, ConnectionHost, SharedParts } from './connection-host.ts';
import type { ConnectionTable } from './connection-table.ts';
import type { SubscribeOptions, SubscribeOutcome } from './handshake.ts';
import type { LimitFacts } from './hub-events.ts';
import type { ControlFacts } from './ports/transport.ts';
import { resume, type SubscribeDeps, subscribe } from './subscribe.ts';
import type { Subscription } from './subscription.ts';

export class HubHost implements ConnectionHost<Connection> {
  readonly shared: SharedParts;
  readonly #connections: ConnectionTable;
  readonly #deps: SubscribeDeps;
  #subscriptions = 0;

  constructor(shared: SharedParts, connections: ConnectionTable, deps: SubscribeDeps) {
    this.shared = shared;
    this.#connections = connections;
    this.#deps = deps;
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
    this.#deps.hits.hit(limit, about);
  }

  facts(connection: Connection, cursor: string): ControlFacts {
    const first = connection.subscriptions[0];
    const subscribers = first === undefined ? 0 : (this.#deps.channels.get(first.channel)?.subscribers.length ?? 0);
    return { cursor, connections: this.#connections.size, subscribers };
  }

  subscribe(
    connection: Connection,
    channel: string,
    options: SubscribeOptions,
  ): SubscribeOutcome | Promise<SubscribeOutcome> {
    return subscribe(this.#deps, connection, { channel, ...options });
  }

  added(): void {
    this.#subscriptions += 1;
  }

  release(connection: Connection, subscription: Subscription): void {
    const channel = this.#deps.channels.get(subscription.channel);
    if (channel === undefined || !subscription.attached) return;
    channel.detach(subscription);
    if (!connection.isServer) this.#subscriptions -= 1;
    this.#deps.channels.release(channel);
    this.#deps.events.emit({ kind: 'unsubscribed', connection: connection.id, channel: channel.name });
  }

  closed(connection: Connection, end: ConnectionEnd): void {
    this.#connections.remove(connection);
    const { id, label, openedAt } = connection;
    const ageMs = this.shared.clock.now() - openedAt;
    this.#deps.events.emit({ kind: 'connection-closed', connection: id, label, ...end, ageMs });
  }

  slow({ id, label, delivery }: Connection): void {
    this.shared.counters.slowConsumers += 1;
    this.#deps.events.emit({ kind: 'slow-consumer', connection: id, label, bufferedBytes: delivery.bufferedBytes });
  }

  failed({ id, label }: Connection, error: unknown): void {
    this.#deps.events.emit({ kind: 'connection-failed', connection: id, label, error });
  }

  resume(connection: Connection, subscription: Subscription): void {
    const channel = this.#deps.channels.get(subscription.channel);
    if (channel !== undefined) void resume(this.#deps, { connection, channel, subscription });
  }
}
