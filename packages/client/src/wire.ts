/** The client's port for transports: one object per attempt to reach the server, over one kind of wire. */
import type { ServerFrame, TransportName } from '@fanfare/protocol';
import type { Reason } from './connection-phase.ts';
import type { Command } from './link.ts';
import type { Surroundings } from './platform.ts';

/** Why a wire ended, or did not begin. */
export interface WireEnd {
  readonly reason: Reason;
  /** The server's verdict on this request, the status of its answer; absent: it may pass. */
  readonly verdict?: number | undefined;
  /** The one that the verdict is about, where it says so. */
  readonly channel?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** What may be used instead: the operator does not allow this one. */
  readonly transports?: readonly TransportName[] | undefined;
}

/** What a wire tells: the server's frames, `connected` first, and what is the wire's own. */
export type WireEvent =
  | ServerFrame
  /** When the server wishes clients back. */
  | { readonly type: 'retry'; readonly ms: number }
  /** Everything that one piece of the wire held was told. */
  | { readonly type: 'read' }
  | { readonly type: 'unreadable'; readonly problem: string }
  /** Another of its kind is wanted in its place, with another request. */
  | { readonly type: 'renew' }
  | ({ readonly type: 'ended' } & WireEnd);

export interface WireOptions {
  /** Where the server's `/live/` is; ends in a slash. */
  readonly base: URL;
  readonly credentials: RequestCredentials;
  readonly platform: Surroundings;
  /**
   * It is not known yet whether this transport gets through here: nothing but the greeting may be asked for, or a proxy's buffer,
   * filled by events, would let it pass for once.
   */
  readonly isTrial: boolean;
  /** Aborted when the wire is not in use any more: nothing that it tells is heard then. */
  readonly signal: AbortSignal;
  /** Rejects when there is none to be had: the attempt has failed. */
  token(): Promise<string | undefined>;
  /** The channels that are wanted now, each once. Asked as late as possible. */
  wanted(): readonly string[];
  /** The channel is about to be asked for: from which position on? undefined: from now. */
  present(channel: string): string | undefined;
  tell(event: WireEvent): void;
}

export interface Wire {
  /**
   * The wanted channels may be others; `again`: read these anew from where they stand. Absent: the wire keeps the channels that it was
   * opened with.
   */
  readonly sync?: ((again: readonly string[]) => void) | undefined;
  command?(command: Command): void;
}

export interface Transport {
  readonly name: TransportName;
  /** Shows events the moment they are published: not `polling`. */
  readonly live: boolean;
  open(options: WireOptions): Wire;
}
