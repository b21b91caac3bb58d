/** What a delivery needs of the hub, and of the connection that it delivers for. */
import type { Behind } from './behind.ts';
import type { HubLimits } from './limits.ts';
import type { Clock } from './ports/clock.ts';
import type { ControlFacts } from './ports/transport.ts';
import type { Subscription } from './subscription.ts';
import type { Turn } from './turn.ts';

/** Shared by all deliveries of a hub; one object, so that a connection carries no closures of its own. */
export interface DeliveryHost {
  readonly clock: Clock;
  readonly limits: HubLimits;
  readonly turn: Turn;
  readonly counters: DeliveryCounters;
  readonly behind: Behind;
}

export interface ReplayFrom {
  readonly index: number;
  /** A state's values, handed over at subscribe. */
  readonly snapshot: boolean;
}

export interface DeliveryCounters {
  delivered: number;
  conflated: number;
  droppedSignals: number;
}

/** The connection, as its delivery sees it. */
export interface DeliveryOwner {
  /** Is one of its channels a log, whose reader must keep up? */
  readonly readsLog: boolean;
  /** The peer took too little for too long, or too much waits for it. */
  slow(): void;
  /** The transport or the encoding threw. */
  failed(error: unknown): void;
  resume(subscription: Subscription): void;
  facts(cursor: string): ControlFacts;
}
