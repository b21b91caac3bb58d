/** One protocol message of either direction [PROTOCOL §5]. On every wire a frame is one JSON object with `type`. */
import type { GapCause } from './position.ts';

export type ChannelKind = 'log' | 'state' | 'signal';

/** First frame of every connection [§5.1]. */
export interface ConnectedFrame {
  readonly type: 'connected';
  readonly connection: string;
  /** Milliseconds between heartbeats; a client reconnects after 2.5 of them in silence. */
  readonly heartbeatMs: number;
}

/**
 * A subscription is live [§5.2]. `position`: delivery is complete from here on (absent on signal channels).
 * `recovered`: only when the client presented a position: true = everything it missed follows, false = events are lost.
 */
export interface SubscribedFrame {
  readonly type: 'subscribed';
  readonly channel: string;
  readonly kind: ChannelKind;
  readonly position?: string;
  readonly recovered?: boolean;
  readonly cause?: GapCause;
}

/** One event of a channel [§5.3]. `key`: which of many values, on keyed state channels. */
export interface EventFrame {
  readonly type: 'event';
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  readonly key?: string;
  readonly position?: string;
}

/** The server ended one subscription; the connection stays [§5.4]. */
export interface UnsubscribedFrame {
  readonly type: 'unsubscribed';
  readonly channel: string;
  readonly code: string;
  readonly reason: string;
}

/** Proof of life that a page can see [§5.5]. `time`: server wall clock, milliseconds. */
export interface HeartbeatFrame {
  readonly type: 'heartbeat';
  readonly time: number;
}

/** A command or a subscription was refused [§5.6]. */
export interface ErrorFrame {
  readonly type: 'error';
  readonly code: string;
  readonly message: string;
  readonly channel?: string;
  readonly id?: number;
  readonly retry?: boolean;
  readonly details?: unknown;
}

/** Last frame of a connection that the server ends on purpose [§5.7]. */
export interface CloseFrame {
  readonly type: 'close';
  readonly code: number;
  readonly reason: string;
  readonly reconnect: boolean;
  readonly retryMs?: number;
}

/** Answer to a publish command [§5.8]. */
export interface PublishedFrame {
  readonly type: 'published';
  readonly id: number;
  readonly position?: string;
  readonly duplicate: boolean;
  readonly ack: Ack;
}

/** What an ack promises [§4.4]: in memory, survives kill -9, or fsynced / on a quorum. */
export type Ack = 'accepted' | 'committed' | 'durable';

export type ControlFrame =
  | ConnectedFrame
  | SubscribedFrame
  | UnsubscribedFrame
  | HeartbeatFrame
  | ErrorFrame
  | CloseFrame
  | PublishedFrame;

export type ServerFrame = ControlFrame | EventFrame;

/** The frames of a client, for wires with a way back [§5.9]. `id` comes back in the answer. */
export interface SubscribeFrame {
  readonly type: 'subscribe';
  readonly id?: number;
  readonly channel: string;
  readonly position?: string;
}

export interface UnsubscribeFrame {
  readonly type: 'unsubscribe';
  readonly id?: number;
  readonly channel: string;
}

export interface PublishFrame {
  readonly type: 'publish';
  readonly id: number;
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  readonly idempotencyKey?: string;
}

export interface PingFrame {
  readonly type: 'ping';
}

export type ClientFrame = SubscribeFrame | UnsubscribeFrame | PublishFrame | PingFrame;
