/**
 * Where a channel stands in the engine, asked anew for whoever comes with a position of another history. One question answers all who
 * came before it was asked, and there are few of them in a second: what positions a stranger makes up costs the engine nothing.
 */
import type { Position } from '@fanfare/protocol';
import type { Clock } from './ports/clock.ts';

/** From one question to the next; a crowd that comes meanwhile waits for the next. */
const APART_MS = 100;

export class FreshHead {
  readonly #clock: Pick<Clock, 'now' | 'after' | 'afterTurn'>;
  readonly #ask: () => Promise<Position>;
  /** Not asked yet: whoever comes can still be answered by it. */
  #next: Promise<Position> | undefined;
  /** Asked, and perhaps not answered. */
  #open: Promise<Position> | undefined;
  #notBefore = 0;

  constructor(clock: Pick<Clock, 'now' | 'after' | 'afterTurn'>, ask: () => Promise<Position>) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** As the engine stood at some moment after this call. Rejects when it cannot say. */
  read(): Promise<Position> {
    this.#next ??= this.#askInTurn();
    return this.#next;
  }

  async #askInTurn(): Promise<Position> {
    if (this.#open !== undefined) await this.#open.catch(() => undefined);
    await new Promise<void>((resolve) => {
      const waitMs = this.#notBefore - this.#clock.now();
      if (waitMs > 0) this.#clock.after(waitMs, resolve);
      // Of a crowd, many are read in one turn.
      else this.#clock.afterTurn(resolve);
    });
    this.#next = undefined;
    this.#notBefore = this.#clock.now() + APART_MS;
    this.#open = this.#ask();
    return this.#open;
  }
}
