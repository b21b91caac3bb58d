/** What the hub tells operators about itself: plain records, made when asked. */
import type { ChannelKind } from '@fanfare/protocol';
import type { Connection } from './connection.ts';
import type { LiveChannel } from './live-channel.ts';

/** Counts of one server; all but those of what is open begin at its start. */
export interface HubStats {
  /** Open now. */
  readonly connections: number;
  /** Of clients, to all channels, now. */
  readonly subscriptions: number;
  /** Channels with at least one subscriber. */
  readonly channels: number;
  /** Since the start: publishes taken, repeats with the same idempotency key included, and events handed to connections. */
  readonly published: number;
  readonly delivered: number;
  /** State values that gave way to newer ones before a slow reader got them. */
  readonly conflated: number;
  /** Signals that gave way because their reader was slow. */
  readonly droppedSignals: number;
  /** Connections that were ended because their reader was too slow. */
  readonly slowConsumers: number;
  /** How often each bound was met since the start, by the name of the limit. */
  readonly limitHits: Readonly<Record<string, number>>;
  readonly uptimeMs: number;
}

/** A channel that somebody follows on this server. */
export interface ChannelReport {
  readonly channel: string;
  readonly pattern: string;
  readonly kind: ChannelKind;
  readonly subscribers: number;
}

/** An open connection of this server. */
export interface ConnectionReport {
  readonly id: string;
  /** Kind of wire or view. */
  readonly label: string;
  /** No client, and in no count: a part of this server, or another server. Absent for clients. */
  readonly isServer?: true;
  /** That it follows. */
  readonly channels: readonly string[];
  /** Of the peer; '' when nothing is known. */
  readonly address: string;
  /** Subject of its credential; '' for nobody in particular. */
  readonly identity: string;
  readonly ageMs: number;
  /** That wait here and in the socket for the peer to read on. */
  readonly bufferedBytes: number;
}

export function reportChannel(channel: LiveChannel): ChannelReport {
  const { name, rule, subscribers } = channel;
  return { channel: name, pattern: rule.pattern, kind: rule.kind, subscribers: subscribers.length };
}

export function reportConnection(connection: Connection, now: number): ConnectionReport {
  const { id, label, isServer, address, identity, delivery, openedAt } = connection;
  const channels = connection.subscriptions.map((subscription) => subscription.channel);
  return {
    ...{ id, label, ...(isServer && { isServer }), channels, address, identity },
    ...{ ageMs: Math.round(now - openedAt), bufferedBytes: delivery.bufferedBytes },
  };
}
