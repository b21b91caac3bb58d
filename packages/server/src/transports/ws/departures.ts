/** Sockets whose end has been said, and that have so long to end by themselves. One timer for all of them. */
import type { Duplex } from 'node:stream';
import { crowdExit } from '../crowd-exit.ts';

/** A peer that has not answered our close frame, or has not closed its side, by then is cut. */
const PATIENCE_MS = 5000;
/** The timer is set no finer: a server that ends ten thousand would wake up for each. */
const STEP_MS = 250;

export class Departures {
  /** All have the same time, so that the first to come is the first to be due. */
  readonly #dueAt = new Map<Duplex, number>();
  readonly #sweep = (): void => this.#cutDue();
  #timer: NodeJS.Timeout | undefined;

  /** Idempotent: it has so long from when it was first said. */
  add(socket: Duplex): void {
    if (socket.destroyed || this.#dueAt.has(socket)) return;
    this.#dueAt.set(socket, performance.now() + PATIENCE_MS);
    this.#timer ??= setTimeout(this.#sweep, PATIENCE_MS).unref();
  }

  gone(socket: Duplex): void {
    this.#dueAt.delete(socket);
    if (this.#dueAt.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #cutDue(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [socket, dueAt] of this.#dueAt) {
      if (dueAt > now) {
        this.#timer ??= setTimeout(this.#sweep, Math.max(STEP_MS, dueAt - now)).unref();
        return;
      }
      this.#dueAt.delete(socket);
      // Thousands who were sent away together are due together.
      crowdExit.end(socket);
    }
  }
}
