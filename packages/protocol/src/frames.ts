/** One protocol message of either direction [PROTOCOL §5]. On every wire a frame is one JSON object with `type`. */
import type { GapCause } from './position.ts';
import type { TransportName } from './transports.ts';

/** What a channel is, from which all else follows [§4.1]. */
export type ChannelKind = 'log' | 'state' | 'signal';

/** First frame of every connection [§5.1]. */
export interface ConnectedFrame {
  readonly type: 'connected';
  readonly connection: string;
  /** Milliseconds between heartbeats; a client reconnects after 2.5 of them in silence. */
  readonly heartbeatMs: number;
  /** The least wait before a reconnect when this connection breaks, where the wire has no `retry:` to say so. */
  readonly retryMs?: number;
  /** Present only while the operator restricts the wires. */
  readonly transports?: readonly TransportName[];
}

/**
 * A subscription is live [§5.2]. `position`: delivery is complete from here on (absent on signal channels).
 * `recovered`: only when the client presented a position: true = everything it missed follows, false = events are lost.
 * `id`: of the command that asked for it.
 */
export interface SubscribedFrame {
  readonly type: 'subscribed';
  readonly id?: number;
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

/** One subscription ended; the connection stays [§5.4]. `code` and `reason`: only when the server ended it. */
export interface UnsubscribedFrame {
  readonly type: 'unsubscribed';
  readonly id?: number;
  readonly channel: string;
  readonly code?: string;
  readonly reason?: string;
}

/** Proof of life that a page can see, and the answer to `ping` [§5.5]. `time`: server wall clock, milliseconds. */
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

/** Answer to `auth` [§5.9]. `subject`: who the connection belongs to from now on; absent: nobody. */
export interface AuthenticatedFrame {
  readonly type: 'authenticated';
  readonly id?: number;
  readonly subject?: string;
}

/** Which wires may be used from now on [§5.10]. */
export interface TransportsFrame {
  readonly type: 'transports';
  readonly transports: readonly TransportName[];
}

/** What an ack promises [§4.4]: in memory, survives kill -9, or fsynced / on a quorum. */
export type Ack = 'accepted' | 'committed' | 'durable';

/** What a server says beside events. */
export type ControlFrame =
  | ConnectedFrame
  | SubscribedFrame
  | UnsubscribedFrame
  | HeartbeatFrame
  | ErrorFrame
  | CloseFrame
  | PublishedFrame
  | AuthenticatedFrame
  | TransportsFrame;

/** What a server says. */
export type ServerFrame = ControlFrame | EventFrame;

/** The frames of a client [§5.11]. `id` comes back in the answer. */
export interface SubscribeFrame {
  readonly type: 'subscribe';
  readonly id?: number;
  readonly channel: string;
  readonly position?: string;
}

/** Ends one subscription. */
export interface UnsubscribeFrame {
  readonly type: 'unsubscribe';
  readonly id?: number;
  readonly channel: string;
}

/** `event` is `state` on a state channel, whose value it sets; `key` says which of many. */
export interface PublishFrame {
  readonly type: 'publish';
  readonly id: number;
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  readonly key?: string;
  readonly idempotencyKey?: string;
}

/** Who the client is: the first frame of a connection, or a fresh token of the same subject on a living one. */
export interface AuthFrame {
  readonly type: 'auth';
  readonly id?: number;
  readonly token: string;
}

/** Asks for a heartbeat, so that silence can be told from a dead wire. */
export interface PingFrame {
  readonly type: 'ping';
}

/** What a client says. */
export type ClientFrame = SubscribeFrame | UnsubscribeFrame | PublishFrame | AuthFrame | PingFrame;
