/** The staff page's live numbers: counted anew from the rows, while somebody watches and something has changed. */
import type { LiveCounters } from '@fanfare-systems/inbox/rules';
import type { HubEvent } from 'fanfare';
import { totalsOf } from './analytics.ts';
import type { InboxLive } from './live.ts';
import type { Presence } from './presence.ts';
import type { InboxStore } from './store/store.ts';

export interface CountersOptions {
  readonly live: InboxLive;
  readonly store: InboxStore;
  readonly presence: Presence;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

const COUNTERS_CHANNEL = 'inbox-counters';

const AT_MOST_EVERY_MS = 500;
/** Of all time, at most one part in so many goes into counting: what was sent matters more than how much it was. */
const SHARE = 20;
const DAY_MS = 24 * 3600 * 1000;

export class Counters {
  readonly #options: CountersOptions;
  readonly #watchers = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #tookMs = 0;

  constructor(options: CountersOptions) {
    this.#options = options;
  }

  /** The first to come gets numbers of now, not of when somebody last watched. Never throws: the hub hears no more of who does. */
  hear(event: HubEvent): void {
    if (event.kind !== 'subscribed' && event.kind !== 'unsubscribed') return;
    if (event.channel === COUNTERS_CHANNEL) {
      if (event.kind === 'unsubscribed') this.#watchers.delete(event.connection);
      else this.#watchers.add(event.connection);
      if (event.kind === 'subscribed' && this.#timer === undefined) this.#publish();
    } else this.changed();
  }

  /** They are published soon, once for however many changes. */
  changed(): void {
    if (this.#timer !== undefined || this.#watchers.size === 0) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#publish();
      },
      Math.max(AT_MOST_EVERY_MS, SHARE * this.#tookMs),
    );
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#watchers.clear();
  }

  /** Never throws: what could not be counted now is with the next change. */
  #publish(): void {
    const { live, onError } = this.#options;
    try {
      live.channel(COUNTERS_CHANNEL).set(this.#count()).catch(onError);
    } catch (error) {
      onError(error);
    }
  }

  /** Throws what the database says. */
  #count(): LiveCounters {
    const { store, presence, now } = this.#options;
    const at = now();
    const began = performance.now();
    const totals = totalsOf(store.analytics, { from: at - DAY_MS, to: at + 1 });
    this.#tookMs = performance.now() - began;
    return { ...totals, users_connected: presence.users, at };
  }
}
