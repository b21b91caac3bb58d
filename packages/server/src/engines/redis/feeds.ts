/** All followed channels of this process: subscribed in Redis while somebody follows, and made whole after every interruption. */
import type { StoredEvent } from '../../core/ports/broker.ts';
import type { RedisClient } from './driver.ts';
import { parseEntry, parseLive } from './event-entry.ts';
import { Feed, type MissedPage } from './feed.ts';
import type { KeyLayout } from './key-layout.ts';

export interface FeedsOptions {
  readonly keys: KeyLayout;
  /** Names this process: its own signals come back to it. */
  readonly origin: string;
  /** Calls `feed.begin` with the channel's head, before the answer to whatever is asked of Redis after it is looked at. */
  readonly begin: (feed: Feed) => Promise<void>;
  readonly missed: (channel: string, after: { readonly epoch: string; readonly offset: number }) => Promise<MissedPage>;
  readonly deliver: (events: readonly StoredEvent[]) => void;
  /** The connection did not take a subscription. */
  readonly onRefused: (client: RedisClient, error: unknown) => void;
}

/** Names per SUBSCRIBE. */
const MAX_NAMES = 500;
/** Channels whose events are asked for at the same time. */
const MAX_ASKING = 100;
const RETRY_MS = 500;

export class Feeds {
  readonly #options: FeedsOptions;
  readonly #feeds = new Map<string, Feed>();
  /** Channels to compare with what is subscribed, in this turn. */
  #touched = new Set<string>();
  /** Asked for on the present connection. */
  #subscribed = new Set<string>();
  #client: RedisClient | undefined;
  #behind: Feed[] = [];
  #asking = 0;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: FeedsOptions) {
    this.#options = options;
  }

  /** Its events are handed on from the next append of this process on, and from the next `begun` on in any case. */
  open(channel: string): void {
    if (this.#closed || this.#feeds.has(channel)) return;
    const feed = new Feed(channel, this.#options.deliver);
    this.#feeds.set(channel, feed);
    this.#options.begin(feed).catch(() => undefined);
    this.#touch(channel);
  }

  close(channel: string): void {
    if (this.#feeds.delete(channel)) this.#touch(channel);
  }

  /** Resolves when every event after what Redis answers from now on will be handed on. Rejects as long as Redis cannot say. */
  async begun(channel: string): Promise<void> {
    const feed = this.#feeds.get(channel);
    if (feed !== undefined && !feed.hasBegun) await this.#options.begin(feed);
  }

  stored(event: StoredEvent): void {
    this.#feeds.get(event.channel)?.stored(event);
  }

  /** A subscription connection stands: it knows nothing yet. */
  up(client: RedisClient): void {
    this.#client = client;
    this.#subscribed = new Set();
    client.on('message', (live: string, message: string) => this.#heard(live, message));
    this.#touched = new Set(this.#feeds.keys());
    this.#subscribe();
  }

  down(): void {
    this.#client = undefined;
  }

  end(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#feeds.clear();
    this.#behind = [];
  }

  #touch(channel: string): void {
    if (this.#client === undefined) return;
    if (this.#touched.size === 0) setImmediate(() => this.#subscribe());
    this.#touched.add(channel);
  }

  /** Followed and left within one turn: nothing to do. */
  #subscribe(): void {
    const client = this.#client;
    const touched = [...this.#touched];
    this.#touched = new Set();
    if (client === undefined) return;
    const { keys } = this.#options;
    const added = touched.filter((channel) => this.#feeds.has(channel) && !this.#subscribed.has(channel));
    const removed = touched.filter((channel) => !this.#feeds.has(channel) && this.#subscribed.delete(channel));
    const refused = (error: unknown): void => this.#options.onRefused(client, error);
    for (const some of slices(removed)) client.unsubscribe(...some.map((name) => keys.live(name))).catch(refused);
    for (const some of slices(added)) {
      for (const channel of some) this.#subscribed.add(channel);
      client.subscribe(...some.map((name) => keys.live(name))).then(() => {
        // What was published before: from now on nothing escapes.
        for (const channel of some) this.#fellBehind(this.#feeds.get(channel));
      }, refused);
    }
  }

  /** Anybody who may publish in this Redis can send anything: what is no event of ours is looked up, or let go. */
  #heard(live: string, message: string): void {
    const channel = this.#options.keys.channelOfLive(live);
    const feed = this.#feeds.get(channel);
    const parsed = parseLive(message);
    if (feed === undefined || parsed === undefined) return;
    const { head, entry } = parsed;
    const event = head.offset > 0 && !feed.expects(head) ? undefined : parseEntry(entry, { channel, ...head });
    if (head.offset > 0) {
      if (!feed.heard(head, event)) this.#fellBehind(feed);
    } else if (event !== undefined && head.epoch !== this.#options.origin) this.#options.deliver([event]);
  }

  #fellBehind(feed: Feed | undefined): void {
    if (feed === undefined) return;
    feed.isBehind = true;
    if (feed.isAsking) return;
    feed.isAsking = true;
    this.#behind.push(feed);
    this.#askNext();
  }

  #askNext(): void {
    while (this.#asking < MAX_ASKING) {
      const feed = this.#behind.shift();
      if (feed === undefined) return;
      this.#asking += 1;
      void this.#catchUp(feed).then((isWhole) => {
        this.#asking -= 1;
        feed.isAsking = false;
        if (!isWhole) this.#askLater();
        this.#askNext();
      });
    }
  }

  /** Never rejects. False: Redis could not say. */
  async #catchUp(feed: Feed): Promise<boolean> {
    try {
      if (!feed.hasBegun) await this.#options.begin(feed);
      while (feed.isBehind && this.#feeds.get(feed.channel) === feed) {
        feed.isBehind = false;
        const page = await this.#options.missed(feed.channel, feed.position);
        if (this.#feeds.get(feed.channel) !== feed) return true;
        feed.missed(page);
        feed.isBehind ||= page.more;
      }
      return true;
    } catch {
      feed.isBehind = true;
      return false;
    }
  }

  #askLater(): void {
    if (this.#closed) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      for (const feed of this.#feeds.values()) if (feed.isBehind) this.#fellBehind(feed);
    }, RETRY_MS).unref();
  }
}

function slices(names: readonly string[]): string[][] {
  const found: string[][] = [];
  for (let at = 0; at < names.length; at += MAX_NAMES) found.push(names.slice(at, at + MAX_NAMES));
  return found;
}
