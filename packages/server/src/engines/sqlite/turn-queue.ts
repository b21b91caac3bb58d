/** Group commit: what is asked for in one turn of the event loop becomes one transaction of the database. */
import { EngineUnavailable, type StoredEvent } from '../../core/ports/broker.ts';
import { atomically } from './atomically.ts';
import type { SqlDatabase } from './driver.ts';
import type { StorageHealth } from './storage-health.ts';

/** One append, or one transaction of a system. */
export interface TurnItem {
  /** Runs inside the transaction and adds the events it stored. A throw undoes the whole turn. */
  run(events: StoredEvent[]): void;
  /** After the commit. */
  committed(): void;
  /** Instead of `committed`: nothing of it was stored. */
  failed(error: EngineUnavailable): void;
}

export interface TurnQueueOptions {
  readonly database: SqlDatabase;
  readonly health: StorageHealth;
  readonly maxPending: number;
  /** The last of the transaction. A throw undoes the whole turn. */
  readonly beforeCommit: () => void;
  /** The file did not take the turn: everything cached from its tables is stale. */
  readonly onRollback: () => void;
  /** What became durable together, in order; none where a transaction had rows alone. */
  readonly onCommit: (events: readonly StoredEvent[]) => void;
}

/** Bounds the time that one commit holds the loop; the rest of a larger turn follows in the next. */
const MAX_ITEMS_PER_COMMIT = 512;

export class TurnQueue {
  readonly #options: TurnQueueOptions;
  #items: TurnItem[] = [];
  #scheduled = false;
  #paused = false;
  #closed = false;

  constructor(options: TurnQueueOptions) {
    this.#options = options;
  }

  /** Takes an item, or fails it at once. */
  add(item: TurnItem): void {
    if (this.#closed) item.failed(new EngineUnavailable('The sqlite engine is closed.'));
    else if (this.#items.length >= this.#options.maxPending) {
      item.failed(
        new EngineUnavailable(`The sqlite engine is behind: ${this.#items.length} appends wait for their commit.`),
      );
    } else {
      this.#items.push(item);
      this.#schedule();
    }
  }

  /** Until `resume` nothing is committed; what is asked for waits. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#items.length > 0) this.#schedule();
  }

  /** Commits everything taken so far, paused or not, and takes nothing more. */
  close(): void {
    this.#closed = true;
    while (this.#items.length > 0) this.#commit();
  }

  #schedule(): void {
    if (this.#scheduled || this.#paused) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#items.length > 0 && !this.#paused) this.#commit();
    });
  }

  #commit(): void {
    const items = this.#items.slice(0, MAX_ITEMS_PER_COMMIT);
    this.#items = this.#items.slice(MAX_ITEMS_PER_COMMIT);
    if (this.#items.length > 0) this.#schedule();
    const { beforeCommit, database, health, onCommit, onRollback } = this.#options;
    const events: StoredEvent[] = [];
    try {
      atomically(database, () => {
        for (const item of items) item.run(events);
        beforeCommit();
      });
    } catch (cause) {
      onRollback();
      const error = health.failed(cause);
      for (const item of items) item.failed(error);
      return;
    }
    health.succeeded();
    for (const item of items) item.committed();
    onCommit(events);
  }
}
