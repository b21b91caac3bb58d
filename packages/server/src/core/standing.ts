/** Where the client of one connection stands, as its format tells it: one position, or a compound cursor [PROTOCOL §6.2]. */
import { CursorWriter, encodePosition, type Position } from '@fanfare/protocol';

export class Standing {
  #channel = '';
  /** Of the one channel. */
  #position: Position | undefined;
  #cursor: CursorWriter | undefined;

  constructor(isCompound: boolean) {
    if (isCompound) this.#cursor = new CursorWriter();
  }

  get isCompound(): boolean {
    return this.#cursor !== undefined;
  }

  /** What a reconnect would resume from; '' when nowhere yet. */
  get text(): string {
    return this.#cursor?.text() ?? (this.#position === undefined ? '' : encodePosition(this.#position));
  }

  /** Everything of the channel up to the position counts as delivered. */
  set(channel: string, position: Position): void {
    if (this.#cursor !== undefined) this.#cursor.set(channel, position);
    else {
      this.#channel = channel;
      this.#position = position;
    }
  }

  /** The same of the channel that was named last, where there is only one. */
  move(position: Position): void {
    this.#position = position;
  }

  forget(channel: string): void {
    if (this.#cursor !== undefined) this.#cursor.delete(channel);
    else this.#position = undefined;
  }

  /** From now on there may be many channels. */
  widen(): void {
    if (this.#cursor !== undefined) return;
    this.#cursor = new CursorWriter();
    if (this.#position !== undefined) this.#cursor.set(this.#channel, this.#position);
    this.#position = undefined;
  }
}
