/** One direction of a proxied connection: keeps the order of what is delayed, and slows the writer down to the reader. */
import type { Socket } from 'node:net';

export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #delayed: (() => void)[] = [];
  /** What came while the lane was stopped: a piece that had been read already. */
  readonly #waiting: Buffer[] = [];
  #stopped = false;
  #full = false;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    to.on('drain', () => {
      this.#full = false;
      this.#flow();
    });
  }

  /** While stopped nothing is read either, so that the sender's own buffers fill as on a dead network. */
  stop(stopped: boolean): void {
    this.#stopped = stopped;
    if (!stopped) for (const bytes of this.#waiting.splice(0)) this.#write(bytes);
    this.#flow();
  }

  send(bytes: Buffer, delayMs: number): void {
    this.#later(delayMs, () => {
      if (this.#stopped) this.#waiting.push(bytes);
      else this.#write(bytes);
    });
  }

  end(delayMs: number): void {
    this.#later(delayMs, () => this.#to.end());
  }

  /** What was sent before still arrives. */
  close(delayMs: number): void {
    this.#later(delayMs, () => this.#to.destroySoon());
  }

  /** Timers of different lengths may fire in any order; what they carry goes in the order in which it came. */
  #later(delayMs: number, task: () => void): void {
    if (delayMs === 0 && this.#delayed.length === 0) {
      task();
      return;
    }
    this.#delayed.push(task);
    setTimeout(() => this.#delayed.shift()?.(), delayMs);
  }

  #write(bytes: Buffer): void {
    if (this.#to.destroyed || this.#to.writableEnded) return;
    this.#full = !this.#to.write(bytes);
    this.#flow();
  }

  #flow(): void {
    if (this.#stopped || this.#full) this.#from.pause();
    else this.#from.resume();
  }
}
