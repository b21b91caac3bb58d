/** The broker of the sqlite engine: requests become items of the turn, committed turns become deliveries. */
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
} from '../../core/ports/broker.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { Followers } from '../followers.ts';
import { assertKeepable } from '../history.ts';
import { nested, TransactionLost } from './atomically.ts';
import type { ChannelTable } from './channel-table.ts';
import { type SqlDatabase, storageFailure } from './driver.ts';
import type { EventStore } from './event-store.ts';
import type { SeenKeys } from './seen-keys.ts';
import { StorageHealth } from './storage-health.ts';
import { TurnQueue } from './turn-queue.ts';

/** What a system's transaction works with. Valid until the work returns. */
export interface EngineTransaction {
  readonly database: SqlDatabase;
  append(request: AppendRequest): Appended;
}

export interface SqliteBrokerOptions {
  readonly database: SqlDatabase;
  /** The same connection as systems may use it. */
  readonly systemDatabase: SqlDatabase;
  readonly epoch: string;
  /** What a commit of this database is worth. */
  readonly ack: Appended['ack'];
  readonly clock: Pick<Clock, 'wallTime'>;
  readonly channels: ChannelTable;
  readonly events: EventStore;
  readonly seen: SeenKeys;
  readonly maxPending: number;
  /** After every commit. */
  readonly onCommit?: () => void;
}

export class SqliteBroker implements Broker {
  readonly health: StorageHealth;
  readonly #options: SqliteBrokerOptions;
  readonly #followers = new Followers();
  readonly #queue: TurnQueue;
  #closed = false;

  constructor(options: SqliteBrokerOptions) {
    this.#options = options;
    this.health = new StorageHealth(options.database);
    this.#queue = new TurnQueue({
      database: options.database,
      health: this.health,
      maxPending: options.maxPending,
      beforeCommit: () => options.events.flush(),
      onRollback: () => this.forget(),
      onCommit: (events) => {
        this.#deliver(events);
        options.onCommit?.();
      },
    });
  }

  append(request: AppendRequest): Promise<Appended> {
    return new Promise((resolve, reject) => {
      assertKeepable(request);
      let appended: Appended;
      this.#queue.add({
        run: (events) => {
          appended = this.#append(request, events);
        },
        committed: () => resolve(appended),
        failed: reject,
      });
    });
  }

  /** See SqliteEngine. */
  transaction<T>(work: (tx: EngineTransaction) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let settle = () => {};
      this.#queue.add({
        run: (events) => {
          try {
            const result = this.#work(work, events);
            settle = () => resolve(result);
          } catch (error) {
            if (error instanceof TransactionLost || storageFailure(error) !== undefined) throw error;
            settle = () => reject(error);
          }
        },
        committed: () => settle(),
        failed: reject,
      });
    });
  }

  broadcast(event: { readonly channel: string; readonly event: string; readonly dataJson: string }): void {
    if (this.#closed) return;
    const { clock, epoch } = this.#options;
    this.#followers.deliver([{ key: '', epoch, offset: 0, time: clock.wallTime(), ...event }]);
  }

  read(request: ReadRequest): Promise<ReadOutcome> {
    const { channels, clock, events } = this.#options;
    return this.#reading(() => events.read(channels.find(request.channel), request, clock.wallTime()));
  }

  head(channel: string): Promise<Position> {
    const { channels, epoch } = this.#options;
    return this.#reading(() => ({ epoch, offset: channels.find(channel)?.head ?? 0 }));
  }

  follow(channel: string, listener: FollowListener): Unfollow {
    return this.#followers.follow(channel, listener);
  }

  /** What is cached may differ from the tables: reads them anew. */
  forget(): void {
    this.#options.channels.forget();
    this.#options.events.forget();
    this.#options.seen.forget();
  }

  /** Until `resume` nothing is committed; appends and transactions wait. */
  pause(): void {
    this.#queue.pause();
  }

  resume(): void {
    this.#queue.resume();
  }

  close(): void {
    this.#queue.close();
    this.#closed = true;
    this.health.stop();
    this.#followers.clear();
  }

  #append(request: AppendRequest, events: StoredEvent[]): Appended {
    const { channels, clock, seen } = this.#options;
    const time = clock.wallTime();
    const channel = channels.findOrAdd(request.channel);
    const key = request.idempotencyKey;
    const first = key === undefined ? undefined : seen.find(channel.id, key, time);
    if (first !== undefined) return this.#appended(first, true);
    const stored = this.#options.events.append(channel, request, time);
    if (key !== undefined) seen.add(channel.id, key, stored);
    events.push(stored);
    return this.#appended(stored.offset, false);
  }

  /** A throw undoes the rows and the events of this work alone. */
  #work<T>(work: (tx: EngineTransaction) => T, events: StoredEvent[]): T {
    const { channels, database, seen, systemDatabase } = this.#options;
    const store = this.#options.events;
    // What others appended before it stays, whatever becomes of this work.
    store.flush();
    const mark = store.mark;
    const before = events.length;
    const touched = new Set<string>();
    let open = true;
    const append = (request: AppendRequest): Appended => {
      if (!open) throw new TypeError('The transaction is over: append inside its work.');
      assertKeepable(request);
      touched.add(request.channel);
      return this.#append(request, events);
    };
    try {
      return nested(database, () => {
        const result = work({ database: systemDatabase, append });
        if (result instanceof Promise)
          throw new TypeError('The work of a transaction is synchronous: it returned a promise.');
        return result;
      });
    } catch (error) {
      events.length = before;
      store.backTo(mark);
      channels.forget(touched);
      seen.forget();
      throw error;
    } finally {
      open = false;
    }
  }

  /** One delivery per channel, with all its events of the commit. */
  #deliver(events: readonly StoredEvent[]): void {
    this.#options.channels.bound();
    const byChannel = new Map<string, StoredEvent[]>();
    for (const event of events) {
      const batch = byChannel.get(event.channel);
      if (batch === undefined) byChannel.set(event.channel, [event]);
      else batch.push(event);
    }
    for (const batch of byChannel.values()) this.#followers.deliver(batch);
  }

  #appended(offset: number, duplicate: boolean): Appended {
    return { position: { epoch: this.#options.epoch, offset }, duplicate, ack: this.#options.ack };
  }

  /** One microtask later, because inside the work of a transaction the connection sees rows that are not committed yet. */
  async #reading<T>(read: () => T): Promise<T> {
    await undefined;
    if (this.#closed) throw new EngineUnavailable('The sqlite engine is closed.');
    try {
      return read();
    } catch (cause) {
      if (cause instanceof EngineUnavailable) throw cause;
      const detail = cause instanceof Error ? cause.message : String(cause);
      throw new EngineUnavailable(`The database file cannot be read: ${detail}.`, { cause });
    }
  }
}
