/** One timer for a deadline that moves: fires at it, or earlier and then is asked again, so that traffic does not have to move it. */
import type { Off } from './listeners.ts';
import type { Platform } from './platform.ts';

export class Alarm {
  readonly #platform: Platform;
  readonly #ring: () => void;
  #at = Infinity;
  #cancel: Off | undefined;

  constructor(platform: Platform, ring: () => void) {
    this.#platform = platform;
    this.#ring = ring;
  }

  /** Infinity: none. */
  set(deadline: number): void {
    if (this.#at <= deadline && deadline !== Infinity) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#at = deadline;
    if (deadline === Infinity) return;
    this.#cancel = this.#platform.after(Math.max(1, Math.ceil(deadline - this.#platform.now())), () => {
      this.#at = Infinity;
      this.#ring();
    });
  }
}
