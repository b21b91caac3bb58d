/** What core asks of a wire. No read: the handler owns the wire, reads it, and tells the connection when it ends. */
import type { CloseFrame, ControlFrame } from '@fanfare/protocol';
import type { StoredEvent } from './broker.ts';

/** `written`: taken by the operating system or the socket. `buffered`: taken, but the peer is behind; wait for drained(). */
export type SendOutcome = 'written' | 'buffered' | 'closed';

/** One object per connection. */
export interface Transport {
  /** Takes all chunks as one write. Never throws, never waits; the chunks are shared and must not be changed. */
  send(chunks: readonly Uint8Array[]): SendOutcome;
  /** Bytes taken by `send` that the peer's socket has not accepted yet. */
  readonly bufferedBytes: number;
  /**
   * Ends the wire, with the code and reason where it has room for them; the frame itself was already sent where the peer
   * kept up. Bytes that the peer does not take soon are thrown away. Idempotent, never throws.
   */
  close(frame: CloseFrame): void;
  /** Its end costs nothing, and is not to be waited with, however many end in this turn. @default false */
  readonly endsAtOnce?: boolean;
  /** The code that `close` says, on a wire that has other words for it; 1006: none. Never throws. @default the frame's */
  codeOf?(frame: CloseFrame): number;
}

/**
 * One wire format. Its identity is the cache key: one encoding object per format serves all its connections, so that an
 * event is framed once per format and the same bytes go to every connection. One that throws ends the connection that it
 * framed for with `internal`, and no other.
 */
export interface Encoding {
  /** In lists of connections, where the handshake has no label. */
  readonly name: string;
  /** Bytes of an event; empty: this format does not show it. */
  event(event: StoredEvent): Uint8Array;
  /** Bytes of a state value handed over at subscribe, where the format tells it from an update; absent: as `event`. */
  snapshot?(event: StoredEvent): Uint8Array;
  /**
   * Set on formats whose events end in bytes of the one connection (a compound cursor): written after each `event`.
   * Absent: `event` is complete and shared by all.
   */
  trailer?(cursor: string): Uint8Array;
  /** Set on formats for one channel: the one to go on in when another channel joins; absent: it takes any number. */
  readonly many?: Encoding;
  /** Bytes of a control frame; empty: not shown. `cursor`: where a reconnect would resume, '' when unknown. */
  control(frame: ControlFrame, facts: ControlFacts): Uint8Array;
}

/** What a format may want to tell beside the frame. */
export interface ControlFacts {
  /** Where a reconnect would resume; '' when unknown. */
  readonly cursor: string;
  /** Open connections of the hub. */
  readonly connections: number;
  /** Subscribers of the connection's first channel, itself included. */
  readonly subscribers: number;
}
