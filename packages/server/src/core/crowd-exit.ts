/**
 * Ends the wires of peers that have gone, or are sent away: a few hundred in a turn of the loop, the others in those that follow. Last
 * words and the close of a socket are calls of the system and a dozen of ours each; where a proxy goes, or everybody is revoked, ten
 * thousand go at once, and nobody else was heard for a third of a second.
 */
import type { Clock } from './ports/clock.ts';

/** What is left of a connection: a wire that has its last words to say, or none. */
export interface Leaving {
  /** Idempotent. */
  destroy(): void;
}

/** So many at once: a few milliseconds. */
const PER_TURN = 200;

export class CrowdExit {
  readonly #clock: Pick<Clock, 'afterTurn'>;
  readonly #run = (): void => this.#next();
  #waiting: Leaving[] = [];
  /** Ended in this turn. */
  #ended = 0;
  #scheduled = false;

  constructor(clock: Pick<Clock, 'afterTurn'>) {
    this.#clock = clock;
  }

  /** Would the next one wait? */
  get isCrowded(): boolean {
    return this.#ended >= PER_TURN || this.#waiting.length > 0;
  }

  /** The peer has gone: at once where few have, else in order. */
  end(wire: Leaving): void {
    if (this.isCrowded) this.#waiting.push(wire);
    else this.#end(wire);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.afterTurn(this.#run);
  }

  /** Everybody who waits goes now: nobody is left whom it could keep waiting. */
  endAll(): void {
    for (const wire of this.#waiting.splice(0)) this.#end(wire);
  }

  #end(wire: Leaving): void {
    this.#ended += 1;
    wire.destroy();
  }

  #next(): void {
    this.#scheduled = false;
    this.#ended = 0;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = waiting.slice(PER_TURN);
    for (const wire of waiting.slice(0, PER_TURN)) this.#end(wire);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.afterTurn(this.#run);
  }
}
