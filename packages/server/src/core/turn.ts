/**
 * One flush per turn of the loop: first every channel with news hands its batch to its subscribers, then every connection
 * with bytes writes once. Sixteen publishes that arrive together leave in one write per connection.
 */
import type { Clock } from './ports/clock.ts';

export interface DirtyChannel {
  fanOut(): void;
}

export interface DirtyConnection {
  flush(): void;
}

export class Turn {
  readonly #clock: Clock;
  readonly #run = (): void => this.#flush();
  #channels: DirtyChannel[] = [];
  #connections: DirtyConnection[] = [];
  #scheduled = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called once per channel until it has fanned out. */
  addChannel(channel: DirtyChannel): void {
    this.#channels.push(channel);
    this.#schedule();
  }

  /** Called once per connection until it has flushed. */
  addConnection(connection: DirtyConnection): void {
    this.#connections.push(connection);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.afterTurn(this.#run);
  }

  #flush(): void {
    const channels = this.#channels;
    this.#channels = [];
    for (const channel of channels) channel.fanOut();
    // Fan-out above only queued; nothing below adds to either list before the writes are done.
    const connections = this.#connections;
    this.#connections = [];
    this.#scheduled = false;
    for (const connection of connections) connection.flush();
    if (this.#channels.length + this.#connections.length > 0) this.#schedule();
  }
}
