/** A broker whose engine fails on demand: goes down, loses its history, skips events in `follow`, answers late. */
import type { Position } from '@fanfare/protocol';
import {
  type Appended,
  type AppendRequest,
  type Broker,
  EngineUnavailable,
  type FollowListener,
  type ReadOutcome,
  type ReadRequest,
  type StoredEvent,
  type Unfollow,
} from '../../src/core/index.ts';

export class FaultyBroker implements Broker {
  epoch = 'A';
  /** Everything that must ask the engine fails. */
  down = false;
  /** So many of the next events do not reach followers. */
  swallow = 0;
  /** Called after the engine has looked and before the answer arrives. */
  meanwhile: (() => void | Promise<void>) | undefined;
  reads = 0;
  appended = 0;
  #events = new Map<string, StoredEvent[]>();
  readonly #followers = new Map<string, Set<FollowListener>>();

  /** Channels that somebody follows. */
  get followed(): number {
    return [...this.#followers.values()].filter((listeners) => listeners.size > 0).length;
  }

  /** The engine lost everything: another history begins. */
  lose(epoch: string): void {
    this.epoch = epoch;
    this.#events = new Map();
  }

  async append(request: AppendRequest): Promise<Appended> {
    this.#assertUp();
    return { position: this.put(request.channel, request.dataJson, request.key), duplicate: false, ack: 'accepted' };
  }

  /** Appends at once. */
  put(channel: string, dataJson: string, key = ''): Position {
    const events = this.#of(channel);
    const event = { channel, event: 'e', dataJson, key, epoch: this.epoch, offset: events.length + 1, time: 0 };
    events.push(event);
    this.appended += 1;
    if (this.swallow > 0) this.swallow -= 1;
    else this.tell([event]);
    return { epoch: event.epoch, offset: event.offset };
  }

  /** Hands events to the followers of their channel. */
  tell(events: readonly StoredEvent[]): void {
    for (const listener of [...(this.#followers.get(events[0]?.channel ?? '') ?? [])]) listener(events);
  }

  broadcast(event: { readonly channel: string; readonly event: string; readonly dataJson: string }): void {
    this.tell([{ ...event, key: '', epoch: this.epoch, offset: 0, time: 0 }]);
  }

  async read(request: ReadRequest): Promise<ReadOutcome> {
    this.#assertUp();
    this.reads += 1;
    const outcome = this.#look(request);
    await this.#answer();
    return outcome;
  }

  async head(channel: string): Promise<Position> {
    this.#assertUp();
    const head = { epoch: this.epoch, offset: this.#of(channel).length };
    await this.#answer();
    return head;
  }

  follow(channel: string, listener: FollowListener): Unfollow {
    const followers = this.#followers.get(channel) ?? new Set();
    this.#followers.set(channel, followers.add(listener));
    return () => void followers.delete(listener);
  }

  #look({ channel, after, limit, retention }: ReadRequest): ReadOutcome {
    const events = this.#of(channel);
    const head = { epoch: this.epoch, offset: events.length };
    if (after !== undefined && after.epoch !== this.epoch) return { kind: 'gap', cause: 'epoch', head };
    if (after !== undefined && after.offset > head.offset) return { kind: 'gap', cause: 'ahead', head };
    const isNewest = (event: StoredEvent): boolean =>
      !events.some((e) => e.key === event.key && e.offset > event.offset);
    const found = events.filter(
      (event) => event.offset > (after?.offset ?? 0) && (retention.kind === 'window' || isNewest(event)),
    );
    return { kind: 'events', events: found.slice(0, limit), head, more: found.length > limit };
  }

  async #answer(): Promise<void> {
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    this.#assertUp();
  }

  #of(channel: string): StoredEvent[] {
    const events = this.#events.get(channel) ?? [];
    this.#events.set(channel, events);
    return events;
  }

  #assertUp(): void {
    if (this.down) throw new EngineUnavailable('down');
  }
}
