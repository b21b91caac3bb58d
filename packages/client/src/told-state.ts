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
    if (!isSame(next, this.state)) this.state = next;
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

function isSame(one: ConnectionState, other: ConnectionState): boolean {
  return (
    one.status === other.status &&
    one.transport === other.transport &&
    one.latencyMs === other.latencyMs &&
    one.reason === other.reason &&
    // Two readings of two clocks differ by a millisecond now and then.
    Math.abs((one.retryAt ?? 0) - (other.retryAt ?? 0)) < 20
  );
}
