/** The client's port for transports: one object per attempt to reach the server, over one kind of wire. */
import type { ServerFrame, TransportName } from '@fanfare/protocol';
import type { Reason } from './connection-phase.ts';
import type { Command, LinkHost } from './link.ts';
import type { Platform } from './platform.ts';

/** `dropped`: it may pass. `refused`: the server's verdict on this request; `channel`: the one it is about, where it says so. */
export type WireEnd =
  | {
      readonly kind: 'dropped';
      readonly reason: Reason;
      readonly retryAfterMs?: number;
      /** What may be used instead: the operator does not allow this one. */
      readonly transports?: readonly TransportName[];
    }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly status: number; readonly channel?: string };

/** Who opened the wire. Nothing is told after `ended`, nor after the wire was closed from this side. */
export interface WireHost extends Pick<LinkHost, 'wanted' | 'present' | 'unreadable' | 'read'> {
  /** The server answered, this long after it was asked. */
  opened(latencyMs: number): void;
  /** When the server wishes clients back, milliseconds. */
  retry(ms: number): void;
  /** Every frame but those that are only the wire's. `connected` comes first. */
  frame(frame: ServerFrame): void;
  /** Once, and last. */
  ended(end: WireEnd): void;
}

export interface WireOptions {
  /** Where the server's `/live/` is; ends in a slash. */
  readonly base: URL;
  readonly credentials: RequestCredentials;
  /** Rejects when there is none to be had: the attempt has failed. */
  readonly token: () => Promise<string | undefined>;
  readonly platform: Platform;
  /**
   * It is not known yet whether this transport gets through here: nothing but the greeting may be asked for, or a proxy's buffer,
   * filled by events, would let it pass for once.
   */
  readonly isTrial: boolean;
  readonly host: WireHost;
}

export interface Wire {
  /** The wanted channels may be others; `again`: read these anew from where they stand. */
  sync(again: readonly string[]): void;
  command(command: Command): void;
  close(): void;
}

export interface Transport {
  readonly name: TransportName;
  /** Shows events the moment they are published: not `polling`. */
  readonly live: boolean;
  /** Can it be used here at all? */
  available(platform: Platform): boolean;
  open(options: WireOptions): Wire;
}
