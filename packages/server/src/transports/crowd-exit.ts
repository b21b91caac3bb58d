/**
 * Ends the sockets of peers that have gone: a few hundred in a turn of the loop, the others in those that follow. Closing a socket is a
 * call of the system and a dozen of ours; where a proxy goes, ten thousand go at once, and nobody else was heard for a third of a second.
 */

/** What a peer leaves behind: a stream of ours, or the socket of a WebSocket. */
export interface Leaving {
  /** Idempotent. */
  destroy(): void;
}

/** So many at once: a few milliseconds. */
const PER_TURN = 200;

export class CrowdExit {
  readonly #afterTurn: (task: () => void) => void;
  readonly #run = (): void => this.#next();
  #waiting: Leaving[] = [];
  /** Ended in this turn. */
  #ended = 0;
  #scheduled = false;

  /** `afterTurn`: runs a task once, in a later turn of the loop. */
  constructor(afterTurn: (task: () => void) => void) {
    this.#afterTurn = afterTurn;
  }

  /** The peer has gone: at once where few have, else in order. */
  end(wire: Leaving): void {
    if (this.#ended < PER_TURN && this.#waiting.length === 0) this.#end(wire);
    else this.#waiting.push(wire);
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#afterTurn(this.#run);
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
    this.#afterTurn(this.#run);
  }
}

/** Of this process. */
export const crowdExit: CrowdExit = new CrowdExit((task) => void setImmediate(task));
