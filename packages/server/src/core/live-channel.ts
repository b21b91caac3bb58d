/**
 * One channel that somebody on this server watches: follows the broker, holds the tail in memory, and hands each turn's
 * events to the subscribers as one batch. Exists from the first subscriber until a while after the last.
 */
import type { Position } from '@fanfare/protocol';
import type { ChannelRule } from './channel-rule.ts';
import { Conflation } from './conflation.ts';
import { type Concat, EventBatch } from './event-batch.ts';
import { FramedEvent } from './framed-event.ts';
import type { HubLimits } from './limits.ts';
import { NewestValues } from './newest-values.ts';
import type { Broker, StoredEvent, Unfollow } from './ports/broker.ts';
import type { Clock } from './ports/clock.ts';
import { RecentEvents } from './recent-events.ts';
import type { Subscription } from './subscription.ts';
import type { DirtyChannel } from './turn.ts';

export interface LiveChannelOptions {
  readonly name: string;
  readonly rule: ChannelRule;
  readonly broker: Broker;
  readonly clock: Clock;
  readonly limits: HubLimits;
  readonly concat: Concat;
  /** The channel has a batch to take at the end of this turn. */
  readonly onDirty: (channel: LiveChannel) => void;
  /** `follow` skipped an offset: every live subscriber must catch up from history. */
  readonly onHole: (channel: LiveChannel) => void;
}

/** Values of a state channel are loaded in pages of so many. */
const LOAD_PAGE = 1000;
/** Distinct starting points of one storm that are worth a shared buffer each. */
const MAX_REPLAYS = 8;

export class LiveChannel implements DirtyChannel {
  readonly name: string;
  readonly rule: ChannelRule;
  /** Unordered: removal moves the last into the gap. */
  readonly subscribers: Subscription[] = [];
  /** Events that gave way to newer ones, ever. */
  conflated = 0;
  readonly #options: LiveChannelOptions;
  readonly #conflation: Conflation | undefined;
  #pending: FramedEvent[] = [];
  #opening: Promise<void> | undefined;
  #early: FramedEvent[] = [];
  #backlog: RecentEvents | NewestValues | undefined;
  /** Batches of a reconnect storm, by the offset they start after; void with the next event. */
  readonly #replays = new Map<number, EventBatch>();
  #epoch = '';
  #head = 0;
  #unfollow: Unfollow | undefined;

  constructor(options: LiveChannelOptions) {
    this.name = options.name;
    this.rule = options.rule;
    this.#options = options;
    if (options.rule.kind === 'state') {
      const { clock } = options;
      const onDue = (): void => options.onDirty(this);
      this.#conflation = new Conflation({ clock, minIntervalMs: options.rule.minIntervalMs, onDue });
    }
  }

  /** Newest position known here. Exact once open. */
  get head(): Position {
    return { epoch: this.#epoch, offset: this.#head };
  }

  get isOpen(): boolean {
    return this.#unfollow !== undefined && (this.#backlog !== undefined || this.rule.kind === 'signal');
  }

  /** Follows the broker and learns where the channel stands. Rejects when the engine cannot; the next call tries again. */
  open(): Promise<void> {
    this.#unfollow ??= this.#options.broker.follow(this.name, (events) => this.#accept(events));
    if (this.isOpen) return Promise.resolve();
    this.#opening ??= this.#load().finally(() => {
      this.#opening = undefined;
      this.#early = [];
    });
    return this.#opening;
  }

  close(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.#conflation?.close();
    this.#pending = [];
    this.#backlog = undefined;
  }

  attach(subscription: Subscription): void {
    subscription.slot = this.subscribers.length;
    this.subscribers.push(subscription);
  }

  detach(subscription: Subscription): void {
    const last = this.subscribers.pop();
    if (last !== undefined && last !== subscription) {
      this.subscribers[subscription.slot] = last;
      last.slot = subscription.slot;
    }
    subscription.slot = -1;
  }

  /** Everything held after the offset, complete, or undefined: read the broker. */
  heldAfter(offset: number): readonly FramedEvent[] | undefined {
    return this.#backlog?.after(offset);
  }

  /** Does `heldAfter` answer for this offset? */
  holdsAfter(offset: number): boolean {
    return this.#backlog?.holdsAfter(offset) ?? false;
  }

  /** Log channels: all that is held after the offset as one batch, the same object for everyone until the next event. */
  replayAfter(offset: number): EventBatch | undefined {
    if (this.rule.kind !== 'log') return undefined;
    const known = this.#replays.get(offset);
    if (known !== undefined) return known;
    const events = this.heldAfter(offset);
    if (events === undefined || events.length === 0) return undefined;
    const batch = new EventBatch(events, this.#options.concat);
    if (this.#replays.size < MAX_REPLAYS) this.#replays.set(offset, batch);
    return batch;
  }

  /** Hands this turn's events to every live subscriber. */
  fanOut(): void {
    const events = this.#conflation === undefined ? this.#pending : this.#conflation.take();
    this.#pending = [];
    if (events.length === 0) return;
    const batch = new EventBatch(events, this.#options.concat);
    // Backwards: a delivery may end its connection, and detaching moves the last (already served) into the gap.
    for (let at = this.subscribers.length - 1; at >= 0; at -= 1) {
      const subscription = this.subscribers[at];
      if (subscription?.live === true) subscription.recipient.deliver(subscription, batch);
    }
  }

  async #load(): Promise<void> {
    const { broker, limits } = this.#options;
    if (this.rule.kind === 'state') {
      await this.#loadValues(broker);
    } else {
      const head = await broker.head(this.name);
      this.#moveTo(head);
      this.#backlog = new RecentEvents(head.offset, { maxEvents: limits.recentEvents, maxBytes: limits.recentBytes });
    }
    const early = this.#early;
    this.#early = [];
    for (const event of early) if (event.event.offset > this.#head) this.#keep(event);
  }

  async #loadValues(broker: Broker): Promise<void> {
    const values = new NewestValues();
    let after: Position | undefined;
    for (;;) {
      const { name: channel } = this;
      const page = await broker.read({ channel, retention: this.rule.retention, after, limit: LOAD_PAGE });
      if (page.kind === 'gap') {
        after = undefined; // History was lost while we read it: begin again in the new one.
        continue;
      }
      for (const event of page.events) values.push(new FramedEvent(event));
      this.#moveTo(page.head);
      const last = page.events.at(-1);
      if (!page.more || last === undefined) break;
      after = { epoch: last.epoch, offset: last.offset };
    }
    this.#backlog = values;
  }

  #moveTo(head: Position): void {
    this.#epoch = head.epoch;
    this.#head = head.offset;
  }

  #accept(events: readonly StoredEvent[]): void {
    for (const event of events) {
      const framed = new FramedEvent(event);
      if (this.rule.kind === 'signal') this.#announce(framed);
      else if (!this.isOpen) this.#wait(framed);
      else if (this.#follows(event)) {
        this.#keep(framed);
        this.#announce(framed);
      } else if (event.epoch !== this.#epoch || event.offset > this.#head) this.#recover();
    }
  }

  /** Only while the channel opens: nobody listens yet, and who comes later reads the broker. */
  #wait(framed: FramedEvent): void {
    if (this.#opening !== undefined) this.#early.push(framed);
  }

  #follows(event: StoredEvent): boolean {
    return event.epoch === this.#epoch && event.offset === this.#head + 1;
  }

  #keep(framed: FramedEvent): void {
    this.#epoch = framed.event.epoch;
    this.#head = framed.event.offset;
    this.#backlog?.push(framed);
    this.#replays.clear();
  }

  #announce(framed: FramedEvent): void {
    if (this.subscribers.length === 0) return;
    if (this.#conflation !== undefined) {
      if (this.#conflation.offer(framed)) this.conflated += 1;
      return;
    }
    this.#pending.push(framed);
    if (this.#pending.length === 1) this.#options.onDirty(this);
  }

  /** What was held no longer connects to what comes: forget it, and let everybody catch up from the broker. */
  #recover(): void {
    this.#backlog = undefined;
    this.#pending = [];
    this.#replays.clear();
    this.#options.onHole(this);
  }
}
