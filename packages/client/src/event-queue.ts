/** What waits for one `for await` loop over a channel: bounded, with the policy of the channel's kind. */
import type { ChannelKind, EventFrame } from '@fanfare/protocol';
import type { Laggard, Listener } from './channel-host.ts';
import type { Off } from './listeners.ts';
import { isUpTo, type Position } from './position.ts';

/** One event of a channel, as an async iteration yields it. */
export interface QueuedEvent {
  readonly event: string;
  readonly data: unknown;
  readonly key?: string;
  readonly position?: string;
}

interface Held {
  readonly frame: EventFrame;
  readonly at: Position | undefined;
}

type Result = IteratorResult<QueuedEvent>;

const DONE: Result = { done: true, value: undefined };

/**
 * log: a full queue takes no more; when the loop has emptied it, the client resumes the channel from the last event it took, so that
 * nothing is lost and nothing grows. state: the newest value per key waits. signal: the oldest gives way.
 */
export class EventQueue implements Listener, Laggard, AsyncIterableIterator<QueuedEvent> {
  /** The last event that the loop is done with. */
  processed: Position | undefined;
  /** Ends the listening; known once it has begun. */
  off: Off = () => undefined;
  readonly #limit: number;
  readonly #onHungry: Off;
  readonly #onEnd: Off;
  #held: Held[] = [];
  #waiting: ((result: Result) => void)[] = [];
  /** The last event that entered. */
  #taken: Position | undefined;
  /** The event in the loop's hands; it counts as processed when the loop asks for the next. */
  #yielded: Position | undefined;
  #overflowed = false;
  #asked = false;
  #closed = false;

  /** `onHungry`: the loop emptied a queue that had overflowed; what did not fit must be read again, from `missingAfter`. */
  constructor(limit: number, onHungry: Off, onEnd: Off) {
    this.#limit = limit;
    this.#onHungry = onHungry;
    this.#onEnd = onEnd;
  }

  get missingAfter(): Position | undefined {
    return this.#overflowed ? this.#taken : undefined;
  }

  offer(frame: EventFrame, at: Position | undefined, kind: ChannelKind): void {
    if (kind === 'log' && !this.#fits(at)) return;
    if (kind === 'state') this.#held = this.#held.filter((held) => held.frame.key !== frame.key);
    if (kind === 'signal' && this.#held.length >= this.#limit) this.#held.shift();
    this.#taken = at;
    this.#held.push({ frame, at });
    if (this.#waiting.length > 0) this.#waiting.shift()?.(this.#next());
  }

  skipTo(position: Position | undefined): void {
    this.#taken = position;
    this.#overflowed = false;
    if (this.#held.length === 0) this.processed = position;
  }

  async next(): Promise<Result> {
    this.processed = this.#yielded ?? this.processed;
    if (this.#closed || this.#held.length > 0) return this.#next();
    if (this.#overflowed && !this.#asked) {
      this.#asked = true;
      this.#onHungry();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The loop was left. */
  async return(): Promise<Result> {
    this.off();
    return DONE;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  ended(): void {
    this.#onEnd();
    this.#closed = true;
    this.#held = [];
    for (const resolve of this.#waiting) resolve(DONE);
  }

  /** After an overflow only the very next event may enter: a later one would leave a hole. */
  #fits(at: Position | undefined): boolean {
    const taken = this.#taken;
    if (at === undefined || taken?.epoch !== at.epoch) return true;
    if (isUpTo(at, taken) || (this.#overflowed && at.offset !== taken.offset + 1)) return false;
    this.#overflowed = this.#held.length >= this.#limit;
    if (this.#overflowed) this.#asked = false;
    return !this.#overflowed;
  }

  #next(): Result {
    const head = this.#held.shift();
    if (head === undefined) return DONE;
    this.#yielded = head.at;
    return { done: false, value: head.frame };
  }
}
