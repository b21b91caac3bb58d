/**
 * One channel that somebody on this server watches: follows the broker, holds the tail in memory, and hands each turn's
 * events to the subscribers as one batch. Exists from the first subscriber until a while after the last.
 */
import type { Position } from '@fanfare/protocol';
import type { ChannelRule } from './channel-rule.ts';
import { Conflation } from './conflation.ts';
import { type Concat, EventBatch } from './event-batch.ts';
import { FramedEvent } from './framed-event.ts';
import { FreshHead } from './fresh-head.ts';
import type { HubLimits } from './limits.ts';
import { NewestValues } from './newest-values.ts';
import type { Broker, StoredEvent, Unfollow } from './ports/broker.ts';
import type { Clock } from './ports/clock.ts';
import { RecentEvents } from './recent-events.ts';
import { type HistoryPage, Replays } from './replays.ts';
import type { Subscription } from './subscription.ts';
import type { DirtyChannel, Turn } from './turn.ts';

/** What all channels of a hub share. */
export interface ChannelHost {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly limits: HubLimits;
  readonly concat: Concat;
  readonly turn: Turn;
  readonly counters: { conflated: number };
  /** `follow` skipped an offset, or the history changed: every live subscriber catches up from the broker. */
  readonly onHole: (channel: LiveChannel) => void;
}

/** Values of a state channel are loaded in pages of so many. */
const LOAD_PAGE = 1000;
/** History is read in pages of so many events. */
const PAGE = 256;
/** Events held while the channel opens. Where more come, the older ones are read again. */
const MAX_EARLY = 4096;

export class LiveChannel implements DirtyChannel {
  readonly name: string;
  readonly rule: ChannelRule;
  /** Unordered: removal moves the last into the gap. */
  readonly subscribers: Subscription[] = [];
  readonly #host: ChannelHost;
  readonly #conflation: Conflation | undefined;
  #pending: FramedEvent[] = [];
  #opening: Promise<void> | undefined;
  /** What comes while the channel opens; undefined: it does not. */
  #early: StoredEvent[] | undefined;
  #backlog: RecentEvents | NewestValues | undefined;
  #replays: Replays | undefined;
  #freshHead: FreshHead | undefined;
  #epoch = '';
  #head = 0;
  #unfollow: Unfollow | undefined;

  constructor(options: { readonly name: string; readonly rule: ChannelRule; readonly host: ChannelHost }) {
    const { name, rule, host } = options;
    this.name = name;
    this.rule = rule;
    this.#host = host;
    if (rule.kind === 'state') {
      const onDue = (): void => host.turn.addChannel(this);
      this.#conflation = new Conflation({ clock: host.clock, minIntervalMs: rule.minIntervalMs, onDue });
    }
  }

  /** Newest position known here. Exact once open. */
  get head(): Position {
    return { epoch: this.#epoch, offset: this.#head };
  }

  get readers(): number {
    return this.subscribers.length;
  }

  get isOpen(): boolean {
    return this.#unfollow !== undefined && (this.#backlog !== undefined || this.rule.kind === 'signal');
  }

  /**
   * Follows the broker and learns where the channel stands. Rejects when the engine cannot; the next call tries again.
   * Look at `isOpen` afterwards: the engine may have skipped events even while it answered.
   */
  open(): Promise<void> {
    this.#unfollow ??= this.#host.broker.follow(this.name, (events) => this.#accept(events));
    if (this.isOpen) return Promise.resolve();
    this.#opening ??= this.#load().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  close(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.#conflation?.close();
    this.#forget();
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

  /** Everything held after the position, complete, or undefined: read a page. */
  heldAfter(position: Position): readonly FramedEvent[] | undefined {
    return this.holdsAfter(position) ? this.#backlog?.after(position.offset) : undefined;
  }

  /** Does `heldAfter` answer for this position? Offsets of another history say nothing here. */
  holdsAfter({ epoch, offset }: Position): boolean {
    return epoch === this.#epoch && this.#backlog?.holdsAfter(offset) === true;
  }

  /** Nothing newer is known than what is before this position. */
  isNewest(position: Position): boolean {
    return this.holdsAfter(position) && (this.#backlog?.newest ?? 0) <= position.offset;
  }

  /** Log channels: what is held after the position as one batch, the same object for everyone who comes from there. */
  replayAfter(position: Position): EventBatch | undefined {
    if (this.rule.kind !== 'log' || !this.holdsAfter(position) || this.isNewest(position)) return undefined;
    this.#replays ??= new Replays(this.#host.clock);
    return this.#replays.tail(position, () => this.#batch(this.heldAfter(position) ?? []));
  }

  /** A page of history from the broker. */
  pageAfter(position: Position): Promise<HistoryPage> {
    if (this.rule.kind !== 'log') return this.#read(position);
    this.#replays ??= new Replays(this.#host.clock);
    return this.#replays.page(position, () => this.#read(position));
  }

  /**
   * The epoch that the engine has now, which this server need not have heard of. Where it is another than the one in memory, the channel
   * is no longer open. Rejects when the engine cannot say.
   */
  async freshEpoch(): Promise<string> {
    const { broker, clock } = this.#host;
    this.#freshHead ??= new FreshHead(clock, () => broker.head(this.name));
    const known = this.#epoch;
    const { epoch } = await this.#freshHead.read();
    this.#compare(known, epoch);
    return epoch;
  }

  /** Hands this turn's events to every live subscriber. */
  flush(): void {
    const events = this.#conflation === undefined ? this.#pending : this.#conflation.take();
    this.#pending = [];
    if (events.length === 0) return;
    const batch = new EventBatch(events, this.#host.concat);
    // Backwards: a delivery may end its connection, and detaching moves the last (already served) into the gap.
    for (let at = this.subscribers.length - 1; at >= 0; at -= 1) {
      const subscription = this.subscribers[at];
      if (subscription?.live === true) subscription.recipient.deliver(subscription, batch);
    }
  }

  async #load(): Promise<void> {
    this.#early = [];
    try {
      this.#backlog = this.rule.kind === 'state' ? await this.#loadValues() : await this.#loadTail();
    } finally {
      const early = this.#early;
      this.#early = undefined;
      if (this.isOpen) this.#accept(early);
    }
  }

  async #loadTail(): Promise<RecentEvents> {
    const { broker, limits } = this.#host;
    const head = await broker.head(this.name);
    this.#moveTo(head);
    return new RecentEvents(head.offset, { maxEvents: limits.recentEvents, maxBytes: limits.recentBytes });
  }

  async #loadValues(): Promise<NewestValues> {
    const { name: channel } = this;
    const { retention } = this.rule;
    let values = new NewestValues();
    for (let after: Position | undefined; ; ) {
      const page = await this.#host.broker.read({ channel, retention, after, limit: LOAD_PAGE });
      if (page.kind === 'gap') {
        // History was lost while we read it: nothing read so far is a value of the new one.
        if (after === undefined) throw new Error(`the engine has no beginning of ${channel}: ${page.cause}`);
        values = new NewestValues();
        after = undefined;
        continue;
      }
      for (const event of page.events) values.push(new FramedEvent(event));
      this.#moveTo(page.head);
      const last = page.events.at(-1);
      if (!page.more || last === undefined) return values;
      after = { epoch: last.epoch, offset: last.offset };
    }
  }

  async #read(after: Position): Promise<HistoryPage> {
    const { broker, limits } = this.#host;
    const { retention } = this.rule;
    const known = this.#epoch;
    const page = await broker.read({ channel: this.name, retention, after, limit: PAGE });
    this.#compare(known, page.head.epoch);
    if (page.kind === 'gap') return page;
    const events = page.events.map((event) => new FramedEvent(event));
    const first = page.events[0];
    // Nothing, and yet not at the head: a broker that says so would be asked for ever.
    if (first === undefined && page.head.offset > after.offset && this.rule.kind === 'log') {
      return { kind: 'gap', cause: 'trimmed' };
    }
    const size = page.events.reduce((sum, event) => sum + event.dataJson.length, 0);
    const isShared = first !== undefined && size <= limits.recentBytes && isContiguous(page.events, after.offset);
    return { kind: 'events', events, batch: isShared ? this.#batch(events) : undefined };
  }

  #batch(events: readonly FramedEvent[]): EventBatch {
    return new EventBatch(events, this.#host.concat);
  }

  #moveTo(head: Position): void {
    this.#epoch = head.epoch;
    this.#head = head.offset;
  }

  #accept(events: readonly StoredEvent[]): void {
    for (const event of events) {
      if (this.rule.kind === 'signal') this.#announce(new FramedEvent(event));
      else if (!this.isOpen) this.#wait(event);
      else if (event.epoch === this.#epoch && event.offset === this.#head + 1) {
        const framed = new FramedEvent(event);
        this.#head = event.offset;
        this.#backlog?.push(framed);
        this.#announce(framed);
      } else if (event.epoch !== this.#epoch || event.offset > this.#head) this.#recover();
    }
  }

  /** Only while the channel opens: otherwise nobody listens yet, and who comes later reads the broker. */
  #wait(event: StoredEvent): void {
    if (this.#early === undefined) return;
    // A hole at the front shows when the channel has opened, and is read.
    if (this.#early.length >= MAX_EARLY) this.#early.splice(0, MAX_EARLY / 2);
    this.#early.push(event);
  }

  #announce(framed: FramedEvent): void {
    if (this.subscribers.length === 0) return;
    if (this.#conflation !== undefined) {
      if (this.#conflation.offer(framed)) this.#host.counters.conflated += 1;
      return;
    }
    this.#pending.push(framed);
    if (this.#pending.length === 1) this.#host.turn.addChannel(this);
    else this.#host.turn.addNews();
  }

  /** The engine was asked while one history was known here, and has another: its first event may be long in coming. */
  #compare(known: string, epoch: string): void {
    if (epoch !== known && this.#epoch === known && this.isOpen) this.#recover();
  }

  /** What was held no longer connects to what comes: forget it, and let everybody catch up from the broker. */
  #recover(): void {
    this.#forget();
    this.#host.onHole(this);
    for (const subscription of [...this.subscribers]) {
      if (subscription.live) subscription.recipient.resume(subscription);
    }
  }

  #forget(): void {
    this.#backlog = undefined;
    this.#pending = [];
    this.#conflation?.clear();
    this.#replays?.clear();
  }
}

function isContiguous(events: readonly StoredEvent[], after: number): boolean {
  return events.every((event, index) => event.offset === after + index + 1);
}
