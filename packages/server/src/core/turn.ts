/**
 * One flush per turn of the loop: first every channel with news hands its batch to its subscribers, then every connection
 * with bytes writes once. Sixteen publishes that arrive together leave in one write per connection. What a turn has no
 * time for waits for the next one, in order, so that ten thousand writes never keep a request waiting.
 */
import type { Clock } from './ports/clock.ts';

/** A channel that has news, or a connection that has bytes. */
export interface Dirty {
  /** Never throws: one throw would keep the news from everybody behind it. */
  flush(): void;
}

/** What one flush may take: half of it for channels, the rest for connections. */
const BUDGET_MS = 10;
/** The clock is looked at after so many. Each turn does at least so many, however late it is. */
const STRIDE = 32;

export class Turn {
  readonly #clock: Clock;
  readonly #run = (): void => this.#flush();
  #channels: Dirty[] = [];
  #connections: Dirty[] = [];
  #scheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called once per channel until it was flushed. */
  addChannel(channel: Dirty): void {
    this.#channels.push(channel);
    this.#schedule();
  }

  /** Called once per connection until it was flushed. */
  addConnection(connection: Dirty): void {
    this.#connections.push(connection);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.afterTurn(this.#run);
  }

  #flush(): void {
    const startedAt = this.#clock.now();
    const channels = this.#channels;
    this.#channels = [];
    const fannedOut = this.#work(channels, startedAt + BUDGET_MS / 2);
    const connections = this.#connections;
    this.#connections = [];
    const written = this.#work(connections, startedAt + BUDGET_MS);
    this.#scheduled = false;
    // What is left goes first; what came meanwhile waits behind it.
    if (fannedOut < channels.length) this.#channels = channels.slice(fannedOut).concat(this.#channels);
    if (written < connections.length) this.#connections = connections.slice(written).concat(this.#connections);
    if (this.#channels.length + this.#connections.length > 0) this.#schedule();
  }

  /** Flushes in order until the deadline; returns how many. */
  #work(queue: readonly Dirty[], deadline: number): number {
    let at = 0;
    for (const dirty of queue) {
      dirty.flush();
      at += 1;
      if (at % STRIDE === 0 && this.#clock.now() >= deadline) break;
    }
    return at;
  }
}
