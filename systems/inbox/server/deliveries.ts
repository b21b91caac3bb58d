/**
 * Knows how each notification reached its user: live, or on return. Never written by the transaction that makes a notification: a
 * server that is killed right after it has delivered nothing, and the client that comes back says what it has.
 */
import type { Note } from '@fanfare-systems/inbox/rules';
import { inboxOf } from './channels.ts';
import type { InboxLive } from './live.ts';
import type { Arrival, Presence } from './presence.ts';
import type { Delivered } from './store/fate-store.ts';
import type { InboxStore } from './store/store.ts';

export interface DeliveriesOptions {
  readonly live: InboxLive;
  readonly store: InboxStore;
  readonly presence: Presence;
  /** Something was decided. */
  readonly onChange: () => void;
  /** Told what could not be written or read; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/** In the order in which they became known: the first word on a notification stands. */
type Verdict =
  | { readonly kind: 'one'; readonly id: number; readonly delivered: Delivered }
  | { readonly kind: 'up-to'; readonly userId: number; readonly id: number; readonly delivered: Delivered };

/** Verdicts are written together: statistics must not cost every notification a commit of its own. */
const WRITE_EVERY_MS = 200;
const WRITTEN_AT_ONCE = 1000;
/** While the engine is down; the oldest are forgotten, and decided when their users come back. */
const MAX_WAITING = 100_000;
const REPLAY_PAGE = 1000;

export class Deliveries {
  readonly #options: DeliveriesOptions;
  #waiting: Verdict[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** They were committed and fanned out just now. */
  handedOver(notes: readonly Note[]): void {
    const { presence } = this.#options;
    for (const { id, user_id: userId } of notes) {
      if (presence.isConnected(userId)) this.#add({ kind: 'one', id, delivered: 'live' });
    }
    this.#options.onChange();
  }

  /** A client of the user has come: whatever is undecided is decided by where it stood. Never throws: the hub hears no more of who does. */
  arrived(arrival: Arrival): void {
    try {
      this.#decide(arrival);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Throws what the database says. */
  #decide({ userId, position, neverLeft }: Arrival): void {
    const newest = this.#options.store.fates.newestUndecided(userId);
    if (newest === 0) return;
    if (neverLeft) this.#add({ kind: 'up-to', userId, id: newest, delivered: 'live' });
    else if (position === undefined) this.#add({ kind: 'up-to', userId, id: newest, delivered: 'return' });
    else this.#weigh({ userId, position, newest }).catch(this.#options.onError);
  }

  /** The user has read the list: there everything is. */
  listRead(userId: number): void {
    const newest = this.#options.store.fates.newestUndecided(userId);
    if (newest > 0) this.#add({ kind: 'up-to', userId, id: newest, delivered: 'return' });
  }

  /** Writes what waits. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#write();
  }

  /** What it is sent again it gets on return; what it had before that was live, and we were killed before we wrote it down. */
  async #weigh(back: { readonly userId: number; readonly position: string; readonly newest: number }): Promise<void> {
    const { userId, position, newest } = back;
    const inbox = this.#options.live.channel(inboxOf(userId));
    const page = await inbox.history({ after: position, limit: REPLAY_PAGE });
    if (page.kind === 'gap' || page.more) {
      this.#add({ kind: 'up-to', userId, id: newest, delivered: 'return' });
      return;
    }
    for (const { event, data } of page.events) {
      if (event === 'notification' && data.id <= newest) this.#add({ kind: 'one', id: data.id, delivered: 'return' });
    }
    this.#add({ kind: 'up-to', userId, id: newest, delivered: 'live' });
  }

  #add(verdict: Verdict): void {
    if (this.#stopped) return; // As after a crash: decided when the users come back.
    this.#waiting.push(verdict);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#write().catch(this.#options.onError);
    }, WRITE_EVERY_MS);
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const { live, store, onChange } = this.#options;
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, WRITTEN_AT_ONCE);
      try {
        await live.transaction(() => {
          for (const verdict of some) {
            const { delivered, id } = verdict;
            if (verdict.kind === 'one') store.fates.decide(id, delivered);
            else store.fates.decideUpTo(verdict.userId, id, delivered);
          }
        });
      } catch (error) {
        this.#waiting = [...some, ...this.#waiting].slice(-MAX_WAITING);
        throw error;
      }
      onChange();
    }
  }
}
