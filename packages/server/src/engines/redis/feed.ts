/** One followed channel: what has been handed on, and so what comes next. Joins three sources into one order without doubles. */
import type { StoredEvent } from '../../core/ports/broker.ts';
import type { LiveHead } from './event-entry.ts';

/** What `missed` answers. */
export interface MissedPage {
  readonly epoch: string;
  readonly head: number;
  /** The events are those after it. */
  readonly after: number;
  readonly more: boolean;
  readonly events: readonly StoredEvent[];
}

/**
 * An event comes up to three times: in the answer to its own append, over Pub/Sub, and from Redis after something was missed.
 * It is handed on the first time that it is next, and never again.
 */
export class Feed {
  readonly channel: string;
  /** Something may have been missed: Redis has to be asked. */
  isBehind = true;
  /** Redis is being asked. */
  isAsking = false;
  readonly #deliver: (events: readonly StoredEvent[]) => void;
  /** undefined: it is not known yet from where on events belong to this feed. */
  #epoch: string | undefined;
  #next = 1;

  constructor(channel: string, deliver: (events: readonly StoredEvent[]) => void) {
    this.channel = channel;
    this.#deliver = deliver;
  }

  get hasBegun(): boolean {
    return this.#epoch !== undefined;
  }

  /** The last position handed on. */
  get position(): { readonly epoch: string; readonly offset: number } {
    return { epoch: this.#epoch ?? '', offset: this.#next - 1 };
  }

  /** Events after this position belong to it. Counts once. */
  begin(epoch: string, head: number): void {
    if (this.#epoch !== undefined) return;
    this.#epoch = epoch;
    this.#next = head + 1;
  }

  /** An append of this process was answered. One that is not next yet comes over Pub/Sub, behind those before it. */
  stored(event: StoredEvent): void {
    if (event.epoch === this.#epoch && event.offset === this.#next) this.#hand([event]);
  }

  /** Is it the next? Only then its content is needed. */
  expects({ epoch, offset }: LiveHead): boolean {
    return epoch === this.#epoch && offset === this.#next;
  }

  /** Came over Pub/Sub; `event` where it was expected. False: Redis has to be asked, for a hole or another history. */
  heard(head: LiveHead, event: StoredEvent | undefined): boolean {
    if (event !== undefined && this.expects(head)) this.#hand([event]);
    return head.epoch === this.#epoch && head.offset < this.#next;
  }

  /** What Redis has after `position`. Where it keeps less than was appended, offsets jump: the listener sees that. */
  missed(page: MissedPage): void {
    if (page.epoch !== this.#epoch) {
      this.#epoch = page.epoch;
      this.#next = page.after + 1;
    }
    const events = page.events.filter((event) => event.offset >= this.#next);
    if (events.length > 0) this.#hand(events);
    if (!page.more) this.#next = Math.max(this.#next, page.head + 1);
  }

  /** In this order: a listener may append, and that append's answer has to find the next offset. */
  #hand(events: readonly StoredEvent[]): void {
    this.#next = (events.at(-1)?.offset ?? 0) + 1;
    this.#deliver(events);
  }
}
