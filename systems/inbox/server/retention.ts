/** Removes what is older than the inbox keeps, and what is too much for one user; whoever loses unread ones is told the new count. */
import { unreadOf } from './channels.ts';
import type { InboxLive } from './live.ts';
import type { Kept } from './store/retention-store.ts';
import type { InboxStore } from './store/store.ts';

export interface RetentionOptions {
  readonly live: InboxLive;
  readonly store: InboxStore;
  readonly keepDays: number;
  /** Of one user; the oldest go first. */
  readonly keepPerUser: number;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

const SWEEP_EVERY_MS = 3600 * 1000;
/** In one transaction: nobody waits for more than this. */
const REMOVED_AT_ONCE = 500;
const DAY_MS = 24 * 3600 * 1000;

export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Sweeps now, and once an hour. Resolves when the first sweep is done. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => this.sweep().catch(this.#options.onError), SWEEP_EVERY_MS);
    this.#timer.unref();
    await this.sweep();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  /** Returns how many it removed. */
  async sweep(): Promise<number> {
    let removed = 0;
    for (;;) {
      const some = this.#stopped ? 0 : await this.#removeSome();
      if (some === 0) return removed;
      removed += some;
    }
  }

  #removeSome(): Promise<number> {
    const { live, store, now, keepDays, keepPerUser } = this.#options;
    return live.transaction((tx) => {
      const old = store.retention.old(now() - keepDays * DAY_MS, REMOVED_AT_ONCE);
      const gone = old.length > 0 ? old : store.retention.beyond(keepPerUser, REMOVED_AT_ONCE);
      const before = countsOf(gone, store);
      for (const { id } of gone) store.retention.remove(id);
      for (const [userId, count] of countsOf(gone, store)) {
        if (count !== before.get(userId)) tx.channel(unreadOf(userId)).set({ count });
      }
      return gone.length;
    });
  }
}

/** How many are unread, of every user concerned. */
function countsOf(rows: readonly Kept[], { notes }: InboxStore): ReadonlyMap<number, number> {
  const users = new Set(rows.map(({ userId }) => userId));
  return new Map([...users].map((userId) => [userId, notes.countUnread(userId)]));
}
