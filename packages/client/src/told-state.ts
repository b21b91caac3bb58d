/** The connection's state as everyone was told it: nobody hears of a change before everybody heard of the one before. */
import type { ConnectionState } from './connection-state.ts';

export class ToldState {
  readonly #tell: (state: ConnectionState, previous: ConnectionState) => void;
  #told: ConnectionState = { status: 'idle' };
  #telling = false;
  /** The same object until something in it changes. */
  state: ConnectionState = this.#told;

  constructor(tell: (state: ConnectionState, previous: ConnectionState) => void) {
    this.#tell = tell;
  }

  become(next: ConnectionState): void {
    if (JSON.stringify(next) !== JSON.stringify(this.state)) this.state = next;
    // Who is told may change the state again.
    if (this.#telling) return;
    this.#telling = true;
    while (this.#told !== this.state) {
      const previous = this.#told;
      this.#told = this.state;
      this.#tell(this.#told, previous);
    }
    this.#telling = false;
  }
}
