/** Who follows which channel in this process, and the delivery to them: in order, however listeners behave. */
import type { FollowListener, StoredEvent, Unfollow } from '../core/ports/broker.ts';

interface Follower {
  readonly listener: FollowListener;
  active: boolean;
}

/**
 * Delivers batches of events to the followers of their channel.
 * A listener may append, broadcast, follow and unfollow: what it causes is delivered after the batch at hand has reached
 * everybody, so all followers see the same order.
 */
export class Followers {
  /** Arrays are replaced, never changed: a delivery under way keeps the followers it began with. */
  readonly #byChannel = new Map<string, readonly Follower[]>();
  readonly #waiting: (readonly StoredEvent[])[] = [];
  #delivering = false;

  follow(channel: string, listener: FollowListener): Unfollow {
    const follower: Follower = { listener, active: true };
    this.#byChannel.set(channel, [...(this.#byChannel.get(channel) ?? []), follower]);
    return () => {
      if (!follower.active) return;
      follower.active = false;
      const rest = (this.#byChannel.get(channel) ?? []).filter((other) => other !== follower);
      if (rest.length === 0) this.#byChannel.delete(channel);
      else this.#byChannel.set(channel, rest);
    };
  }

  /** Does anybody follow it? */
  has(channel: string): boolean {
    return this.#byChannel.has(channel);
  }

  /** Events of one channel, in order; never empty. */
  deliver(events: readonly StoredEvent[]): void {
    if (this.#byChannel.size === 0) return;
    if (this.#delivering) {
      this.#waiting.push(events);
      return;
    }
    this.#delivering = true;
    try {
      this.#hand(events);
      for (let batch = this.#waiting.shift(); batch !== undefined; batch = this.#waiting.shift()) this.#hand(batch);
    } finally {
      this.#delivering = false;
    }
  }

  /** Nobody follows any more. */
  clear(): void {
    for (const followers of this.#byChannel.values()) for (const follower of followers) follower.active = false;
    this.#byChannel.clear();
  }

  #hand(events: readonly StoredEvent[]): void {
    const followers = this.#byChannel.get(events[0]?.channel ?? '');
    if (followers === undefined) return;
    for (const follower of followers) if (follower.active) follower.listener(events);
  }
}
