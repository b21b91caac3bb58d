/** What a channel asks of its client, and what it tells those who listen. */
import type { ChannelKind, EventFrame, GapCause } from '@fanfare/protocol';
import type { ClientError } from './client-error.ts';
import type { Position } from './position.ts';
import type { SubscriptionState } from './subscription-state.ts';

/** What a channel asks of its client. */
export interface ChannelHost {
  /** What is wanted of the server may be something else now. `readAgain`: this channel, anew from its position. */
  wantedChanged(readAgain?: string): void;
  /** What the channel shows is something else: `flush` it at the end of this turn. */
  touched(): void;
  report(error: ClientError): void;
}

/** What a handler learns beside the payload. */
export interface EventMeta {
  readonly event: string;
  /** Which of many values; absent on a value without a key, and on other kinds of channel. */
  readonly key?: string;
  /** Of the event; absent on a signal. */
  readonly position?: string;
}

/** Events are missing: `trimmed` (older than the server keeps), `epoch` (its history is another), `ahead`, `invalid`. */
export interface Loss {
  readonly cause: GapCause;
}

export interface ChannelSnapshot {
  readonly subscription: SubscriptionState;
  readonly value: unknown;
  readonly values: ReadonlyMap<string, unknown>;
}

/** One who listens: an object with what it wants to hear. What it returns is waited for by nobody, but a rejection is reported. */
export interface Listener {
  /** An event, before it counts as processed. */
  event?(frame: EventFrame): unknown;
  lost?(loss: Loss): unknown;
  /** The snapshot changed: once for all that changed in one turn. */
  changed?(): unknown;
  /** Removed, by whomever. */
  ended?(): void;
}

/** One who listens at a pace of its own. */
export interface Laggard {
  /** Every event, those that the channel has processed before included. */
  offer(frame: EventFrame, at: Position | undefined, kind: ChannelKind): void;
  /** Delivery goes on from here; what was missing before is lost, and the channel said so. */
  skipTo(position: Position | undefined): void;
  /** The last event that it is done with. */
  readonly processed: Position | undefined;
  /** Events after this one are missing; undefined: none are. */
  readonly missingAfter: Position | undefined;
}

/** All of those of one channel. */
export interface Laggards extends Pick<Laggard, 'offer' | 'skipTo'> {
  add(laggard: Laggard): void;
  delete(laggard: Laggard): void;
  /** Of the channel, which is at `at`, and of all of them the earliest. */
  least(of: 'processed' | 'missingAfter', at: Position | undefined): Position | undefined;
}
