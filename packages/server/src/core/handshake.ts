/** What a handler tells the hub when a client arrives and subscribes, and what it is told back. */
import type { Position } from '@fanfare/protocol';
import type { Encoding } from './ports/transport.ts';

export interface Handshake {
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
  readonly identity?: string;
}

export interface SubscribeOptions {
  /** The client's position; 'invalid' when it presented something that is none. Absent: from now on. */
  readonly position?: Position | 'invalid';
  /** Hand a state's value over even when the client already has it. @default false */
  readonly always?: boolean;
}

/**
 * `recovered`: only when a position was presented; false = events are lost, and the client was told so in-band.
 * `caughtUp`: what stood waiting is on its way, and handed over once this resolves, unless the subscription ended before;
 * never rejects. Absent: nothing stood waiting, or the channel was asked for before.
 */
export type SubscribeOutcome =
  | { readonly kind: 'subscribed'; readonly recovered?: boolean; readonly caughtUp?: Promise<void> }
  | { readonly kind: 'refused'; readonly code: RefusalCode };

export type RefusalCode =
  | 'TOO_MANY_CONNECTIONS'
  | 'TOO_MANY_CHANNELS'
  | 'CHANNEL_UNKNOWN'
  | 'ENGINE_UNAVAILABLE'
  | 'CLOSED';
