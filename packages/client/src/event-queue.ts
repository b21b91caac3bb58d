/** What waits for one `for await` loop over a channel: bounded, with the policy of the channel's kind. */
import type { ChannelKind, EventFrame, Position } from '@fanfare/protocol';

/** One event of a channel, as an async iteration yields it. */
export interface QueuedEvent {
  readonly event: string;
  readonly data: unknown;
  readonly key?: string;
  readonly position?: string;
}

export interface QueueOptions {
  /** Most events that wait. */
  readonly limit: number;
  /** Where the channel stood when the loop began: older events are not for it. */
  readonly from: Position | undefined;
  /** The loop emptied a queue that had overflowed: what did not fit must be read again, from `missingAfter`. */
  readonly onHungry: () => void;
  readonly onClose: () => void;
}

/**
 * log: a full queue takes no more; when the loop has emptied it, the client resumes the channel from the last event it took, so that
 * nothing is lost and nothing grows. state: the newest value per key waits. signal: the oldest gives way.
 */
export class EventQueue implements AsyncIterableIterator<QueuedEvent> {
  readonly #options: QueueOptions;
  readonly #items: { readonly item: QueuedEvent; readonly at: Position | undefined }[] = [];
  readonly #waiting: ((result: IteratorResult<QueuedEvent>) => void)[] = [];
  /** The last event that entered. */
  #taken: Position | undefined;
  /** The event in the loop's hands; it counts as processed when the loop asks for the next. */
  #yielded: Position | undefined;
  #processed: Position | undefined;
  #overflowed = false;
  #asked = false;
  #closed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#taken = options.from;
    this.#processed = options.from;
  }

  /** The last event that the loop is done with. */
  get processed(): Position | undefined {
    return this.#processed;
  }

  /** Events after this one are missing; undefined: none are. */
  get missingAfter(): Position | undefined {
    return this.#overflowed ? this.#taken : undefined;
  }

  offer(item: QueuedEvent, at: Position | undefined, kind: ChannelKind): void {
    if (kind === 'log' && !this.#fits(at)) return;
    if (kind === 'state') this.#remove((held) => held.key === item.key);
    if (kind === 'signal' && this.#items.length >= this.#options.limit) this.#items.shift();
    this.#taken = at;
    const waiter = this.#waiting.shift();
    if (waiter === undefined) this.#items.push({ item, at });
    else waiter(this.#yield(item, at));
  }

  /** Delivery goes on from here; what was missing before is lost, and the channel said so. */
  skipTo(position: Position | undefined): void {
    this.#taken = position;
    this.#overflowed = false;
    if (this.#items.length === 0) this.#processed = position;
  }

  next(): Promise<IteratorResult<QueuedEvent>> {
    this.#processed = this.#yielded ?? this.#processed;
    const head = this.#items.shift();
    if (head !== undefined) return Promise.resolve(this.#yield(head.item, head.at));
    if (this.#closed) return Promise.resolve({ done: true, value: undefined });
    if (this.#overflowed && !this.#asked) {
      this.#asked = true;
      this.#options.onHungry();
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The loop was left. */
  return(): Promise<IteratorResult<QueuedEvent>> {
    this.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#items.length = 0;
    for (const waiter of this.#waiting.splice(0)) waiter({ done: true, value: undefined });
    this.#options.onClose();
  }

  /** After an overflow only the very next event may enter: a later one would leave a hole. */
  #fits(at: Position | undefined): boolean {
    const taken = this.#taken;
    if (at === undefined || taken === undefined || taken.epoch !== at.epoch) return true;
    if (at.offset <= taken.offset || (this.#overflowed && at.offset !== taken.offset + 1)) return false;
    if (this.#items.length < this.#options.limit) {
      this.#overflowed = false;
      return true;
    }
    this.#overflowed = true;
    this.#asked = false;
    return false;
  }

  #remove(matches: (item: QueuedEvent) => boolean): void {
    const index = this.#items.findIndex((held) => matches(held.item));
    if (index !== -1) this.#items.splice(index, 1);
  }

  #yield(item: QueuedEvent, at: Position | undefined): IteratorResult<QueuedEvent> {
    this.#yielded = at;
    return { done: false, value: item };
  }
}

/** What a loop and a handler get of a frame. */
export function itemOf({ event, data, key, position }: EventFrame): QueuedEvent {
  return { event, data, ...(key === undefined ? {} : { key }), ...(position === undefined ? {} : { position }) };
}
