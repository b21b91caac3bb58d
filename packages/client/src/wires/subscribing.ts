/** Keeps what a wire has subscribed equal to what is wanted: the commands for the difference, in order, and which answers count. */
import type { ErrorFrame, ServerFrame } from '@fanfare/protocol';
import type { WireHost } from '../wire.ts';

/** Above the ids of publishes. */
const FIRST_ID = 2 ** 40;

export class Subscribing {
  /** Asked for on this wire, and not given up. */
  asked: Set<string> = new Set();
  readonly #host: Pick<WireHost, 'wanted' | 'present'>;
  readonly #send: (text: string) => void;
  /** Commands without an answer yet: what comes before it is of an earlier subscription of the channel. */
  readonly #awaited = new Map<string, number>();
  #lastId = FIRST_ID;
  #again: readonly string[] = [];

  constructor(host: Pick<WireHost, 'wanted' | 'present'>, send: (text: string) => void) {
    this.#host = host;
    this.#send = send;
  }

  /** The wire begins anew: these are asked for, and no answer is awaited any more. */
  restart(asked: Set<string>): void {
    this.asked = asked;
    this.#awaited.clear();
    this.#again = this.#again.filter((channel) => !asked.has(channel));
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
      this.#lastId += 1;
      this.#awaited.set(channel, this.#lastId);
      const position = this.#host.present(channel);
      // JSON leaves out what is undefined.
      this.#send(JSON.stringify({ type: 'subscribe', id: this.#lastId, channel, position }));
    }
  }

  /** The frame as the client may have it; undefined: it is about a subscription that was given up. */
  sift(frame: ServerFrame): ServerFrame | undefined {
    const id = 'id' in frame ? frame.id : undefined;
    if (id === undefined) return 'channel' in frame && this.#awaited.has(frame.channel ?? '') ? undefined : frame;
    // Of a publish.
    if (id < FIRST_ID) return frame;
    for (const [channel, awaited] of this.#awaited) {
      if (awaited !== id) continue;
      this.#awaited.delete(channel);
      return frame.type === 'error' ? refusal(frame, channel) : frame;
    }
    return undefined;
  }
}

/** Not every error names the channel of its command. */
function refusal({ id: _, ...frame }: ErrorFrame, channel: string): ErrorFrame {
  return { ...frame, channel };
}
