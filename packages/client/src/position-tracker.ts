/** Where the client stands in one log channel: the last event whose handlers ran [PROTOCOL §3]. The client owns it, not the server. */
import type { Position } from '@fanfare/protocol';

/**
 * `next`: process it, then advance. `duplicate`: it was processed before. `hole`: events before it did not arrive.
 * `foreign`: it is of another history than the one followed.
 */
export type Verdict = 'next' | 'duplicate' | 'hole' | 'foreign';

export class PositionTracker {
  #position: Position | undefined;

  /** undefined: nothing is known yet; whatever comes first is next. */
  get position(): Position | undefined {
    return this.#position;
  }

  judge(position: Position): Verdict {
    const known = this.#position;
    if (known === undefined) return 'next';
    if (known.epoch !== position.epoch) return 'foreign';
    if (position.offset <= known.offset) return 'duplicate';
    return position.offset === known.offset + 1 ? 'next' : 'hole';
  }

  /** To the event just processed, or to where the server said that delivery begins. */
  moveTo(position: Position | undefined): void {
    this.#position = position;
  }
}

/** The earlier of two; of two histories the first, since its reader is the one that lags. */
export function earlier(one: Position, other: Position | undefined): Position {
  return other !== undefined && other.epoch === one.epoch && other.offset < one.offset ? other : one;
}
