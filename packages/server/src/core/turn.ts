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

export interface DirtyChannel extends Dirty {
  /** Connections that its news may be written to. */
  readonly readers: number;
}

/** What one flush may take: half of it for channels, the rest for connections. */
const BUDGET_MS = 10;
/** For so many readers a flush takes longer than a look at what else has arrived, by far. */
const CROWD = 64;
/** Until when a flush for a crowd waits, while every look brings more news. */
const GATHER_MS = 2;
/** The clock is looked at after so many. Each turn does at least so many, however late it is. */
const STRIDE = 32;

export class Turn {
  readonly #clock: Clock;
  readonly #run = (): void => this.#flush();
  #channels: DirtyChannel[] = [];
  #connections: Dirty[] = [];
  #scheduled = false;
  /** Of the channels that have news. */
  #readers = 0;
  /** Events that came since the last look. */
  #news = 0;
  /** Monotonic milliseconds: since when the channels wait; 0: they do not. */
  #gathersSince = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Called once per channel until it was flushed. */
  addChannel(channel: DirtyChannel): void {
    this.#channels.push(channel);
    this.#readers += channel.readers;
    this.#news += 1;
    this.#schedule();
  }

  /** A channel that is about to be flushed has one more event. */
  addNews(): void {
    this.#news += 1;
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
    if (this.#gathers(startedAt)) {
      this.#clock.afterTurn(this.#run);
      return;
    }
    const channels = this.#channels;
    this.#channels = [];
    this.#readers = 0;
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

  /**
   * Is another look worth it? Publishers that answer each other's events come in a bunch, of which one look catches the first few: what
   * follows would be as many writes again. Nobody waits for more than a turn in which nothing came, and nobody who is owed bytes already.
   */
  #gathers(now: number): boolean {
    const news = this.#news;
    this.#news = 0;
    if (news > 0 && this.#readers >= CROWD && this.#connections.length === 0) {
      if (this.#gathersSince === 0) this.#gathersSince = now;
      if (now - this.#gathersSince < GATHER_MS) return true;
    }
    this.#gathersSince = 0;
    return false;
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
