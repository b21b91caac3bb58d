/**
 * Reads sockets that all have something to say at once in slices: after a few milliseconds in one turn of the loop the others wait for
 * the next ones, in the order in which they came. One poll of the loop brings whatever a thousand have sent, and whoever is read is
 * served at once: nobody else, a publisher not least, was heard for 50 ms and more.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/index.ts';

/** What is asked of a clock. */
export type LoopClock = Pick<Clock, 'now' | 'afterTurn'>;

export interface ReadTurnsOptions<S extends Duplex> {
  /** Something came on a socket, and may be worked off now. */
  readonly read: (socket: S, bytes: Buffer) => void;
  /** @default loopClock */
  readonly clock?: LoopClock;
}

/** Of one turn of the loop. There are three of these in a server, and the turn has other work. */
const BUDGET_MS = 8;
/** The clock is looked at after so many; so many in a row cost nothing but a count. */
const STRIDE = 8;

/** The loop of this process. */
export const loopClock: LoopClock = {
  now: () => performance.now(),
  afterTurn: (task) => void setImmediate(task),
};

/**
 * Who waits is paused, and its bytes stay in its stream: what comes behind them stays behind, the stream's own bound holds, and the end
 * of the socket follows its last byte.
 */
export class ReadTurns<S extends Duplex> {
  readonly #read: ReadTurnsOptions<S>['read'];
  readonly #clock: LoopClock;
  readonly #run = (): void => this.#next();
  readonly #waiting = new Set<S>();
  #served = 0;
  /** Monotonic milliseconds; only while `#scheduled`. */
  #deadline = 0;
  #scheduled = false;
  /** Nobody else in this turn. */
  #isOver = false;
  /** The one whose turn it is is being read. */
  #taking = false;

  constructor({ read, clock = loopClock }: ReadTurnsOptions<S>) {
    this.#read = read;
    this.#clock = clock;
  }

  /** From a listener to 'data'. false: it was put off, and the same bytes come that way once more. */
  came(socket: S, bytes: Buffer): boolean {
    if (this.#isOver && !this.#taking) {
      socket.pause();
      socket.unshift(bytes);
      this.#waiting.add(socket);
      return false;
    }
    this.#read(socket, bytes);
    if (!this.#taking) this.#count();
    return true;
  }

  /** It is not to be read any more, or not now. What it said is left in its stream. */
  forget(socket: S): void {
    if (this.#waiting.size > 0) this.#waiting.delete(socket);
  }

  /** Cuts whoever waits. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
  }

  /** A turn begins with the first look: a handful in a turn asks for no other turn. */
  #count(): void {
    this.#served += 1;
    if (this.#served % STRIDE !== 0) return;
    if (!this.#scheduled) this.#begin();
    else if (this.#clock.now() >= this.#deadline) this.#isOver = true;
  }

  #begin(): void {
    this.#scheduled = true;
    this.#deadline = this.#clock.now() + BUDGET_MS;
    this.#clock.afterTurn(this.#run);
  }

  #next(): void {
    this.#scheduled = false;
    this.#isOver = false;
    if (this.#waiting.size === 0) return;
    this.#begin();
    for (const socket of this.#waiting) {
      this.#waiting.delete(socket);
      this.#take(socket);
      this.#count();
      if (this.#isOver) break;
    }
  }

  /** Everything is as it was when its bytes came: it flows, and they are told to its listener. */
  #take(socket: S): void {
    socket.resume();
    this.#taking = true;
    try {
      socket.read();
    } finally {
      this.#taking = false;
    }
  }
}
