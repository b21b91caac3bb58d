/** What a handler tells the hub when a client arrives and subscribes, and what it is told back. */
import type { Position, SubscribedFrame, TransportName } from '@fanfare/protocol';
import type { Credential } from './credential.ts';
import type { Encoding } from './ports/transport.ts';

export interface Handshake {
  /** What the connection is known by; no open one may have it. @default a fresh id */
  readonly id?: string;
  readonly encoding: Encoding;
  /** Where the client says it stands, by channel: what its cursor may claim until a subscription says better. */
  readonly positions?: ReadonlyMap<string, Position>;
  /** @default the hub's `heartbeatMs` */
  readonly heartbeatMs?: number;
  /** 0: no limit. @default random between the hub's `minAgeMs` and `maxAgeMs` */
  readonly maxAgeMs?: number;
  /** What kind of wire or view this is, for lists and logs: `sse`, `court-board`. @default the encoding's name */
  readonly label?: string;
  readonly address?: string;
  /** `hub.disconnects.mark` when it began to be let in: what was disconnected since then does not stand. @default none was */
  readonly since?: number | undefined;
  /** Whose the connection is. @default nobody in particular */
  readonly credential?: Credential | undefined;
  /** The wire that the operator may switch off; absent: a system's own stream, which is left alone. */
  readonly transport?: TransportName;
  /** Told in `connected`: the least wait after a connection that broke, where the wire has no other word for it. */
  readonly retryMs?: number;
  /** Closed at this age if it has neither a subscription nor an identity by then. @default never */
  readonly idleMs?: number;
  /** No client: a part of this server, or another server. It is listed, and in no count. @default false */
  readonly isServer?: boolean;
  /** The peer answers every heartbeat: one that is not heard (`heard`) for some of them is gone. @default false */
  readonly answers?: boolean;
  /** How many, fractions allowed; more than 1. @default 2.5 */
  readonly silentHeartbeats?: number;
}

export interface SubscribeOptions {
  /** The client's position; 'invalid' when it presented something that is none. Absent: from now on. */
  readonly position?: Position | 'invalid';
  /** Hand a state's value over even when the client already has it. @default false */
  readonly always?: boolean;
  /** `hub.disconnects.mark` before its access was asked. @default none was disconnected since */
  readonly since?: number | undefined;
  /** Of the command that asks; the `subscribed` frame carries it. */
  readonly id?: number;
}

/**
 * `frame`: what the client was told, in-band; absent: it has the channel already.
 * `caughtUp`: what stood waiting is on its way, and handed over once this resolves, unless the subscription ended before;
 * never rejects. Absent: nothing stands waiting.
 */
export type SubscribeOutcome =
  | { readonly kind: 'subscribed'; readonly frame?: SubscribedFrame; readonly caughtUp?: Promise<void> }
  | { readonly kind: 'refused'; readonly code: RefusalCode };

export type RefusalCode =
  | 'TOO_MANY_CONNECTIONS'
  | 'TOO_MANY_CHANNELS'
  | 'CHANNEL_UNKNOWN'
  | 'FORBIDDEN'
  | 'ENGINE_UNAVAILABLE'
  | 'CLOSED';
