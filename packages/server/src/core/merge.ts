/** The seam between history and live delivery, as a pure function: what a subscriber gets next, in order, once each. */
import type { FramedEvent } from './framed-event.ts';

export interface ReplayInput {
  /** Offset of the last event the subscriber has. */
  readonly after: number;
  /** A page read from the broker, oldest first. May overlap `after` and `tail`. */
  readonly history: readonly FramedEvent[];
  /** Everything held in memory after the page, or undefined when memory does not reach back so far: read another page. */
  readonly tail: readonly FramedEvent[] | undefined;
  /** Log channels: every offset must follow the one before. State channels keep the newest per key, so theirs jump. */
  readonly contiguous: boolean;
}

export type ReplayOutput =
  | {
      readonly kind: 'events';
      readonly events: readonly FramedEvent[];
      /** `events` end on the channel's newest: live delivery may begin in this very turn. */
      readonly caughtUp: boolean;
    }
  /** An offset is missing: delivering on would be a stream with a hole. */
  | { readonly kind: 'hole'; readonly after: number };

/** Joins a page and the live tail: drops what the subscriber has, keeps order, and refuses a hole. */
export function mergeReplay(input: ReplayInput): ReplayOutput {
  const events: FramedEvent[] = [];
  let at = input.after;
  for (const part of [input.history, input.tail ?? []]) {
    for (const event of part) {
      const { offset } = event.event;
      if (offset <= at) continue;
      if (input.contiguous && offset !== at + 1) return { kind: 'hole', after: at };
      events.push(event);
      at = offset;
    }
  }
  return { kind: 'events', events, caughtUp: input.tail !== undefined };
}
