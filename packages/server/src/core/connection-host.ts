/** What a connection needs of the hub, and what it tells it when it ends. */
import type { CloseName } from '@fanfare/protocol';
import type { Credential } from './credential.ts';
import type { CrowdExit } from './crowd-exit.ts';
import type { DeliveryCounters, DeliveryHost } from './delivery-host.ts';
import type { SubscribeOptions, SubscribeOutcome } from './handshake.ts';
import type { HeartbeatWheel } from './heartbeat-wheel.ts';
import type { LimitFacts } from './hub-events.ts';
import type { Entropy } from './ports/clock.ts';
import type { ControlFacts } from './ports/transport.ts';
import type { Subscription } from './subscription.ts';
import type { TransportSwitch } from './transport-switch.ts';

export interface ConnectionEnd {
  /** What was said on the wire: by us, or by the peer; 1006: nothing. */
  readonly code: number;
  /** Why we ended it; undefined: the peer did, or said what its wire does not allow. */
  readonly reason?: CloseName;
}

export interface HubCounters extends DeliveryCounters {
  slowConsumers: number;
}

/** What all connections of a hub share. */
export interface SharedParts extends DeliveryHost {
  readonly counters: HubCounters;
  readonly entropy: Entropy;
  readonly wheel: HeartbeatWheel;
  /** The way out for wires of connections that we have ended. */
  readonly exit: CrowdExit;
  readonly transports: TransportSwitch;
  /** Is the credential withdrawn? */
  readonly isRevoked: (credential: Credential) => boolean;
}

/** The hub, as its connections see it. Generic in them, so that the two files do not need each other. */
export interface ConnectionHost<Connection> {
  readonly shared: SharedParts;
  /** Open connections. */
  connectionCount(): number;
  /** Has this user no room for one more? */
  isFull(subject: string): boolean;
  /** The connection belongs to another subject than before. */
  identified(connection: Connection, before: string): void;
  hit(limit: string, about: LimitFacts): void;
  facts(connection: Connection, cursor: string): ControlFacts;
  subscribe(
    connection: Connection,
    channel: string,
    options: SubscribeOptions,
  ): SubscribeOutcome | Promise<SubscribeOutcome>;
  /** A subscription was attached to its channel. */
  added(): void;
  release(connection: Connection, subscription: Subscription): void;
  /** Told once, when the connection is over. */
  closed(connection: Connection, end: ConnectionEnd): void;
  slow(connection: Connection): void;
  failed(connection: Connection, error: unknown): void;
  resume(connection: Connection, subscription: Subscription): void;
}
