/** The channels that somebody on this server watches, or watched a moment ago. */
import type { ChannelRule } from './channel-rule.ts';
import { type ChannelHost, LiveChannel } from './live-channel.ts';
import type { Cancel } from './ports/clock.ts';

export interface ChannelTableOptions extends ChannelHost {
  readonly rules: (channel: string) => ChannelRule | undefined;
}

/** Idle channels kept warm at most; a scan over random names must not fill the memory. */
const MAX_LINGERING = 1000;

export class ChannelTable {
  readonly #options: ChannelTableOptions;
  readonly #channels = new Map<string, LiveChannel>();
  /** Channels without subscribers, longest idle first, with the time when they go. */
  readonly #lingering = new Map<LiveChannel, number>();
  #cancel: Cancel | undefined;

  constructor(options: ChannelTableOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#channels.size - this.#lingering.size;
  }

  get(name: string): LiveChannel | undefined {
    return this.#channels.get(name);
  }

  /** The rule of a name; undefined when no pattern matches. */
  rule(name: string): ChannelRule | undefined {
    return this.#channels.get(name)?.rule ?? this.#options.rules(name);
  }

  /** The live channel, made on first use; undefined when no pattern matches the name. */
  acquire(name: string): LiveChannel | undefined {
    const known = this.#channels.get(name);
    if (known !== undefined) {
      this.#lingering.delete(known);
      return known;
    }
    const rule = this.#options.rules(name);
    if (rule === undefined) return undefined;
    const channel = new LiveChannel({ name, rule, host: this.#options });
    this.#channels.set(name, channel);
    return channel;
  }

  /** Lets an unwatched channel go, after a while. */
  release(channel: LiveChannel): void {
    if (channel.subscribers.length > 0 || this.#channels.get(channel.name) !== channel) return;
    this.#lingering.set(channel, this.#options.clock.now() + this.#options.limits.lingerMs);
    if (this.#lingering.size > MAX_LINGERING) this.#dropOldest();
    this.#schedule();
  }

  /** Watched channels. */
  *watched(): Iterable<LiveChannel> {
    for (const channel of this.#channels.values()) if (!this.#lingering.has(channel)) yield channel;
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
    this.#lingering.clear();
  }

  /** One timer for all: runs when the longest idle may go. */
  #schedule(): void {
    const [first] = this.#lingering.values();
    if (first === undefined || this.#cancel !== undefined) return;
    const wait = Math.max(1, first - this.#options.clock.now());
    this.#cancel = this.#options.clock.after(wait, () => this.#expire());
  }

  #expire(): void {
    this.#cancel = undefined;
    const now = this.#options.clock.now();
    for (const [channel, until] of this.#lingering) {
      if (until > now) break;
      this.#drop(channel);
    }
    this.#schedule();
  }

  #dropOldest(): void {
    const [oldest] = this.#lingering.keys();
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(channel: LiveChannel): void {
    this.#lingering.delete(channel);
    this.#channels.delete(channel.name);
    channel.close();
  }
}
