/** What the hub must know of a channel: derived by the composition root from the pattern that its name matches. */
import type { ChannelKind } from '@fanfare/protocol';
import type { Retention } from './ports/broker.ts';

export interface ChannelRule {
  /** The pattern that matched, for metrics and lists: `court:{pin}`. */
  readonly pattern: string;
  readonly kind: ChannelKind;
  /** Ignored for signals, which are never kept. */
  readonly retention: Retention;
  /** State channels: at least so long between two broadcasts, trailing edge; 0 = once per turn of the loop. */
  readonly minIntervalMs: number;
  /** Subscribers of one channel on this server; the next one is refused with TOO_MANY_CONNECTIONS. */
  readonly maxSubscribers: number;
}
