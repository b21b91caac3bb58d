/** The engine for tests and for what may be lost: rings in this process, a new epoch at every start. */
import {
  type Appended,
  type AppendRequest,
  type Broker,
  type Engine,
  EngineUnavailable,
  type FollowListener,
  type ReadOutcome,
  type ReadRequest,
  type Unfollow,
} from '../core/ports/broker.ts';
import type { Clock } from '../core/ports/clock.ts';
import { Followers } from './followers.ts';
import { assertKeepable, newEpoch } from './history.ts';
import { type IdempotencyBounds, IdempotencyWindow } from './idempotency-window.ts';
import { MemoryChannel } from './memory-channel.ts';

/** Options of `memory()`. */
export interface MemoryOptions {
  /** @default the system's wall clock */
  readonly clock?: Pick<Clock, 'wallTime'>;
  /** How many idempotency keys are remembered, and for how long. @default 100,000 for 24 hours */
  readonly idempotency?: Partial<IdempotencyBounds>;
}

/**
 * The memory engine. An append is visible at once; its ack is `accepted`. Every few appends let one other channel drop what
 * grew too old, so an idle channel is cleaned without a timer.
 */
export function memory(options: MemoryOptions = {}): Engine {
  const broker = new MemoryBroker(options);
  return {
    name: 'memory',
    broker,
    health: () => (broker.closed ? { ready: false, reason: 'The engine is closed.' } : { ready: true }),
    close: async () => broker.close(),
  };
}

/** Appends between two looks at another channel. */
const SWEEP_EVERY = 8;

class MemoryBroker implements Broker {
  readonly #clock: Pick<Clock, 'wallTime'>;
  readonly #epoch = newEpoch();
  readonly #channels = new Map<string, MemoryChannel>();
  readonly #followers = new Followers();
  readonly #seen: IdempotencyWindow;
  #sweep = this.#channels.values();
  #appends = 0;
  #closed = false;

  constructor(options: MemoryOptions) {
    this.#clock = options.clock ?? { wallTime: Date.now };
    this.#seen = new IdempotencyWindow(options.idempotency);
  }

  get closed(): boolean {
    return this.#closed;
  }

  // Not async: of a publish that nobody waits for, the promises are the larger part.
  append(request: AppendRequest): Promise<Appended> {
    try {
      return Promise.resolve(this.#append(request));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #append(request: AppendRequest): Appended {
    this.#assertOpen();
    assertKeepable(request);
    const now = this.#clock.wallTime();
    const key = request.idempotencyKey;
    const first = key === undefined ? undefined : this.#seen.find(request.channel, key, now);
    if (first !== undefined) return this.#appended(first, true);
    const stored = this.#channel(request.channel).append(request, now);
    if (key !== undefined) this.#seen.add(request.channel, key, stored);
    this.#sweepSometimes(now);
    this.#followers.deliver([stored]);
    return this.#appended(stored.offset, false);
  }

  broadcast(event: { readonly channel: string; readonly event: string; readonly dataJson: string }): void {
    if (this.#closed) return;
    this.#followers.deliver([{ key: '', epoch: this.#epoch, offset: 0, time: this.#clock.wallTime(), ...event }]);
  }

  async read(request: ReadRequest): Promise<ReadOutcome> {
    this.#assertOpen();
    const channel = this.#channels.get(request.channel) ?? new MemoryChannel(request.channel, this.#epoch);
    return channel.read(request, this.#clock.wallTime());
  }

  async head(channel: string): Promise<{ readonly epoch: string; readonly offset: number }> {
    this.#assertOpen();
    return { epoch: this.#epoch, offset: this.#channels.get(channel)?.head ?? 0 };
  }

  follow(channel: string, listener: FollowListener): Unfollow {
    return this.#followers.follow(channel, listener);
  }

  close(): void {
    this.#closed = true;
    this.#followers.clear();
    this.#channels.clear();
  }

  #channel(name: string): MemoryChannel {
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      channel = new MemoryChannel(name, this.#epoch);
      this.#channels.set(name, channel);
    }
    return channel;
  }

  /** Whoever is next is in nobody's cache: looking after one at every append was a sixth of its cost. */
  #sweepSometimes(now: number): void {
    this.#appends += 1;
    if (this.#appends % SWEEP_EVERY !== 0) return;
    const next = this.#sweep.next();
    if (next.done === true) this.#sweep = this.#channels.values();
    else next.value.expire(now);
  }

  #appended(offset: number, duplicate: boolean): Appended {
    return { position: { epoch: this.#epoch, offset }, duplicate, ack: 'accepted' };
  }

  #assertOpen(): void {
    if (this.#closed) throw new EngineUnavailable('The memory engine is closed.');
  }
}
