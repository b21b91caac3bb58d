/** The loops over one channel. */
import type { ChannelKind, EventFrame } from '@fanfare/protocol';
import type { Laggard, Laggards } from './channel-host.ts';
import { earlier, type Position } from './position.ts';

export class Loops extends Set<Laggard> implements Laggards {
  offer(frame: EventFrame, at: Position | undefined, kind: ChannelKind): void {
    for (const loop of this) loop.offer(frame, at, kind);
  }

  skipTo(position: Position | undefined): void {
    for (const loop of this) loop.skipTo(position);
  }

  least(of: 'processed' | 'missingAfter', at: Position | undefined): Position | undefined {
    let least = at;
    for (const { [of]: its } of this) if (its) least = earlier(its, least);
    return least;
  }
}
