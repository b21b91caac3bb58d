/** Keeps what a wire has subscribed equal to what is wanted: the commands for the difference, in order. */
import type { WireHost } from '../wire.ts';

export class Subscribing {
  /** Asked for on this wire, and not given up. */
  asked: Set<string> = new Set();
  readonly #host: Pick<WireHost, 'wanted' | 'present'>;
  readonly #send: (text: string) => void;
  #again: readonly string[] = [];

  constructor(host: Pick<WireHost, 'wanted' | 'present'>, send: (text: string) => void) {
    this.#host = host;
    this.#send = send;
  }

  /** The wire cannot send yet: the next `sync` reads these anew as well. */
  later(again: readonly string[]): void {
    this.#again = [...this.#again, ...again];
  }

  sync(again: readonly string[]): void {
    const wanted = new Set(this.#host.wanted());
    const anew = new Set([...this.#again, ...again]);
    this.#again = [];
    for (const channel of [...this.asked]) {
      if (wanted.has(channel) && !anew.has(channel)) continue;
      this.asked.delete(channel);
      this.#send(JSON.stringify({ type: 'unsubscribe', channel }));
    }
    for (const channel of wanted) {
      if (this.asked.has(channel)) continue;
      this.asked.add(channel);
      // JSON leaves out what is undefined.
      this.#send(JSON.stringify({ type: 'subscribe', channel, position: this.#host.present(channel) }));
    }
  }
}
