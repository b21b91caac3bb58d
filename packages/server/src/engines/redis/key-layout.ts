/** Under which names everything stands in Redis. Written down in docs/reference/engines.md: a change is a new layout. */

/** The keys of one channel. They share a hash slot. */
export interface ChannelKeys {
  /** Hash: `head`, the newest offset, and `logged`, that of the newest in the log; under which epoch it began where (`epoch`, `begin`). Never removed: an offset is given once. */
  readonly head: string;
  /** List: the events of a window, contiguous, up to the offset `logged` of the head. */
  readonly log: string;
  /** Sorted set: the keys of a state channel, by the offset of their newest value. */
  readonly order: string;
  /** Hash: the newest value of each key. */
  readonly values: string;
}

export class KeyLayout {
  /** Hash: the epoch of all channels, and in which run of Redis it was last confirmed. */
  readonly history: string;
  /** Hash: idempotency keys, and where the first copy of each stands. */
  readonly seen: string;
  /** List: the same by age. */
  readonly seenOrder: string;
  /** What nobody publishes to, but everybody may: shows at the start whether publishing is allowed. */
  readonly probe: string;
  readonly #prefix: string;
  readonly #live: string;

  /** `database`: Pub/Sub has none of its own, so the number is in its names. */
  constructor(prefix: string, database: number) {
    this.history = `${prefix}history`;
    this.seen = `${prefix}seen`;
    this.seenOrder = `${prefix}seen:order`;
    this.probe = `${prefix}${database}:probe`;
    this.#prefix = prefix;
    this.#live = `${prefix}${database}:live:`;
  }

  channel(name: string): ChannelKeys {
    const base = `${this.#prefix}{${name}}:`;
    return { head: `${base}head`, log: `${base}log`, order: `${base}order`, values: `${base}values` };
  }

  /** The Pub/Sub name over which a channel's events reach every server. */
  live(channel: string): string {
    return this.#live + channel;
  }

  channelOfLive(live: string): string {
    return live.slice(this.#live.length);
  }
}
