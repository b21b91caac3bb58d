/** One connection's place in one channel. A record, not an actor: the channel fans out, the connection delivers. */
import type { ChannelKind, Position } from '@fanfare/protocol';
import type { EventBatch } from './event-batch.ts';

/** Who gets the events of a subscription. */
export interface Recipient {
  /** Never throws. */
  deliver(subscription: Subscription, batch: EventBatch): void;
  /** The channel lost its place: brings the subscription back to live from where it stands. Never throws. */
  resume(subscription: Subscription): void;
}

export class Subscription {
  readonly recipient: Recipient;
  readonly channel: string;
  readonly kind: ChannelKind;
  /** Index in its channel's list, kept by the channel; -1: not attached. */
  slot = -1;
  /** false while it catches up from history: fan-out passes it by, catch-up ends on the channel's newest. */
  live = false;
  /** The history that `accepted` counts in; '' before it starts. */
  epoch = '';
  /** Offset of the last event taken over for this subscription, sent or waiting. Duplicates stop here. */
  accepted = 0;

  constructor(recipient: Recipient, channel: string, kind: ChannelKind) {
    this.recipient = recipient;
    this.channel = channel;
    this.kind = kind;
  }

  get attached(): boolean {
    return this.slot >= 0;
  }

  /** Up to here everything was taken over. */
  get position(): Position {
    return { epoch: this.epoch, offset: this.accepted };
  }

  /** Starts anew: what is at or before the position counts as delivered. */
  startAt(position: Position): void {
    this.epoch = position.epoch;
    this.accepted = position.offset;
  }
}
