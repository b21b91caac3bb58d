/** What the backend API asks of the hub's public side. The composition root provides it; nothing here knows an engine or a schema. */
import type { Ack, ChannelKind, GapCause, TransportName } from '@fanfare/protocol';
import type { ConnectionReport } from '../core/index.ts';

export interface LivePublish {
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  readonly idempotencyKey?: string | undefined;
}

export interface LiveSet {
  readonly channel: string;
  readonly data: unknown;
  readonly key?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** Signals have no position. */
export interface LiveReceipt {
  readonly position?: string | undefined;
  readonly duplicate: boolean;
  readonly ack: Ack;
}

export interface LiveHistoryRange {
  readonly channel: string;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export interface LiveHistoryEvent {
  readonly event: string;
  readonly data: unknown;
  readonly key?: string;
  readonly position: string;
  readonly time: number;
}

export type LiveHistoryPage =
  | {
      readonly kind: 'events';
      readonly events: readonly LiveHistoryEvent[];
      readonly head: string;
      readonly more: boolean;
    }
  | { readonly kind: 'gap'; readonly cause: GapCause; readonly head: string };

export interface LiveChannel {
  readonly channel: string;
  readonly kind: ChannelKind;
  readonly subscribers: number;
}

/** At least one of them; all that are given must fit. */
export interface LiveTarget {
  readonly subject?: string;
  readonly tokenId?: string;
  readonly connection?: string;
  readonly channel?: string;
}

export interface LiveQuestion {
  readonly action: 'subscribe' | 'publish' | 'history' | 'presence' | 'manage';
  readonly channel: string;
  readonly token?: string;
  readonly identity?: { readonly subject: string; readonly roles: readonly string[] };
}

export interface LiveAuditRange {
  readonly trail?: 'acts' | 'denials' | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

export type LiveRevocation =
  | { readonly tokenId: string; readonly expiresAt?: number }
  | { readonly subject: string; readonly issuedBefore?: number }
  | { readonly issuedBefore: number };

/**
 * Checks names, keys and payloads itself. Rejects with errors that carry `code`, `status` and `details`; what it rejects
 * changed nothing. Calls made one after the other in one turn are appended in that order.
 */
export interface LiveApi {
  /** To a log or signal channel. */
  publish(request: LivePublish): Promise<LiveReceipt>;
  /** On a state channel. */
  set(request: LiveSet): Promise<LiveReceipt>;
  /** A page of what is kept, oldest first: complete, or a gap with its cause. */
  history(range: LiveHistoryRange): Promise<LiveHistoryPage>;
  /** That somebody follows on this server. */
  channels(): readonly LiveChannel[];
  stats(): object;
  /** Wires that clients may use now. */
  transports(): readonly TransportName[];
  /** Allows these wires and no other from now on; clients over another move. */
  setTransports(transports: readonly TransportName[]): void;
  /** Open on this server. */
  connections(): readonly ConnectionReport[];
  /** What ended here. Throws EngineUnavailable, after it ended, where the other servers may not have heard. */
  disconnect(target: LiveTarget): object;
  /** Why somebody may do something on a channel, or may not. */
  explain(question: LiveQuestion): Promise<object>;
  /** A page of what was done, or of who was refused, oldest first. */
  audit(range: LiveAuditRange): Promise<object>;
  /** How many connections ended here. */
  revoke(revocation: LiveRevocation): Promise<number>;
}

/** Ready to serve? The reason when not; `shown`: what strangers are told of it, where that is less. */
export type Health =
  | { readonly ready: true }
  | { readonly ready: false; readonly reason: string; readonly shown?: string };
