/** What a channel asks of its client, and what it tells those who listen. */
import type { GapCause } from '@fanfare/protocol';
import type { ClientError } from './client-error.ts';
import type { SubscriptionState } from './subscription-machine.ts';

/** What a channel asks of its client. */
export interface ChannelHost {
  /** Somebody began or ceased to listen. */
  listenersChanged(): void;
  /** Ask the server for this channel again, from its position. */
  readAgain(name: string): void;
  /** The channel was refused for now: ask again after a while. */
  askLater(): void;
  report(error: ClientError): void;
}

/** What a handler learns beside the payload. */
export interface EventMeta {
  readonly event: string;
  readonly key?: string;
  readonly position?: string;
}

/** Events are missing: `trimmed` (older than the server keeps), `epoch` (its history is another), `ahead`, `invalid`. */
export interface Loss {
  readonly cause: GapCause;
}

/** `hole`: an event before this one did not arrive; the stream is not to be trusted further. */
export type Processing = 'processed' | 'skipped' | 'hole';

export interface ChannelSnapshot {
  readonly subscription: SubscriptionState;
  readonly value: unknown;
  readonly values: ReadonlyMap<string, unknown>;
}
