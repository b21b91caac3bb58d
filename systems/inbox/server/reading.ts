/** Marks notifications as read, and tells all tabs and devices of the user: which, and how many are left. */
import type { ReadMark } from '@fanfare-systems/inbox/rules';
import { inboxOf, unreadOf } from './channels.ts';
import { refuse } from './errors.ts';
import type { InboxLive, InboxTransaction } from './live.ts';
import type { InboxStore } from './store/store.ts';

export interface ReadingOptions {
  readonly live: InboxLive;
  readonly store: InboxStore;
  readonly now: () => number;
  /** Something was read. */
  readonly onChange: () => void;
}

export interface ReadOne {
  readonly id: number;
  readonly read_at: string | null;
  readonly unread: number;
}

export interface ReadAll {
  /** How many were unread. */
  readonly read: number;
  readonly unread: number;
}

export class Reading {
  readonly #options: ReadingOptions;

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  /** Read again it keeps its first time, and nobody is told. Rejects with NOTIFICATION_NOT_FOUND, also for somebody else's. */
  one(userId: number, id: number): Promise<ReadOne> {
    const { live, store, now } = this.#options;
    return live.transaction((tx) => {
      const at = now();
      if (store.notes.markRead(userId, id, at)) this.#tell(tx, userId, { ids: [id], read_at: isoTime(at) });
      const note = store.notes.find(userId, id) ?? refuse('NOTIFICATION_NOT_FOUND');
      return { id, read_at: note.read_at, unread: store.notes.countUnread(userId) };
    });
  }

  /** Everything up to `upTo`, which the user has seen: what came meanwhile stays unread. */
  all(userId: number, upTo: number): Promise<ReadAll> {
    const { live, store, now } = this.#options;
    return live.transaction((tx) => {
      const at = now();
      const newest = Math.min(upTo, store.notes.newestId(userId));
      const read = store.notes.markAllRead(userId, newest, at);
      if (read > 0) this.#tell(tx, userId, { up_to: newest, read_at: isoTime(at) });
      return { read, unread: store.notes.countUnread(userId) };
    });
  }

  #tell(tx: InboxTransaction, userId: number, mark: ReadMark): void {
    tx.channel(inboxOf(userId)).publish('read', mark);
    tx.channel(unreadOf(userId)).set({ count: this.#options.store.notes.countUnread(userId) });
    this.#options.onChange();
  }
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
