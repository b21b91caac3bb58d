/** Keeps what a wire has subscribed equal to what is wanted: the commands for the difference, in order, and which answers count. */
import type { ErrorFrame } from '@fanfare/protocol';
import type { WireEvent, WireOptions } from '../wire.ts';

/** Above the ids of publishes. */
const FIRST_ID = 2 ** 40;

export class Subscribing {
  /** Asked for on this wire, and not given up. */
  #asked: Set<string> = new Set();
  readonly #options: WireOptions;
  readonly #send: (text: string) => void;
  /** Commands without an answer yet: what comes before it is of an earlier subscription of the channel. */
  readonly #awaited = new Map<string, number>();
  #lastId = FIRST_ID;
  #canSend = false;

  constructor(options: WireOptions, send: (text: string) => void) {
    this.#options = options;
    this.#send = send;
  }

  /** The wire was opened with these, from where they stand. */
  openedWith(asked: Set<string>): void {
    this.#asked = asked;
  }

  /** From now on the wire can send. */
  start(): void {
    this.#canSend = true;
    this.sync([]);
  }

  sync(again: readonly string[]): void {
    // Until then nothing was asked for, or the request has the channels from where they stand.
    if (!this.#canSend) return;
    const wanted = new Set(this.#options.wanted());
    for (const channel of [...this.#asked]) {
      if (wanted.has(channel) && !again.includes(channel)) continue;
      this.#asked.delete(channel);
      this.#send(JSON.stringify({ type: 'unsubscribe', channel }));
    }
    for (const channel of wanted) {
      if (this.#asked.has(channel)) continue;
      this.#asked.add(channel);
      this.#lastId += 1;
      this.#awaited.set(channel, this.#lastId);
      const position = this.#options.present(channel);
      // JSON leaves out what is undefined.
      this.#send(JSON.stringify({ type: 'subscribe', id: this.#lastId, channel, position }));
    }
  }

  /** Tells what came, but for what is about a subscription that was given up. */
  tell(event: WireEvent): void {
    const { tell } = this.#options;
    const id = 'id' in event ? event.id : undefined;
    if (id === undefined) {
      if (!('channel' in event && this.#awaited.has(event.channel ?? ''))) tell(event);
      return;
    }
    // Of a publish.
    if (id < FIRST_ID) tell(event);
    for (const [channel, awaited] of this.#awaited) {
      if (awaited !== id) continue;
      this.#awaited.delete(channel);
      tell(event.type === 'error' ? refusal(event, channel) : event);
    }
  }
}

/** Not every error names the channel of its command. */
function refusal({ id: _, ...frame }: ErrorFrame, channel: string): ErrorFrame {
  return { ...frame, channel };
}
