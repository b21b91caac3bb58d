/** One tab, as the relay sees it: what it is sent, in which order, and how much of that it has before it still. */
import type { ServerFrame } from '@fanfare/protocol';
import type { Port, Tagged, ToTab } from './messages.ts';

/** A tab with so much before it does not read. Characters. */
const MAX_UNREAD = 1 << 22;
/** So much may be under way before it is asked how far it is. */
const ASK_AFTER = 1 << 17;
/** Of a frame, beside its characters. */
const FRAME_COST = 100;

export class RelayTab {
  isBusy = false;
  /** Nothing was heard from it since the last beat. */
  isSilent = false;
  /** The connection that was open when it came; 0: none. */
  since = 0;
  /** Left, or forgotten: nothing is heard of it any more. */
  isGone = false;
  readonly #port: Port<ToTab>;
  /** Of this piece of the wire. */
  #frames: Tagged[] = [];
  /** Sent, and not yet acknowledged; and so much of it after the last question. */
  #unread = 0;
  #unasked = 0;
  #isAsked = false;

  constructor(port: Port<ToTab>) {
    this.#port = port;
  }

  /** The frame goes out with the next `flush`. `tag`: 0 for the answer to a command. */
  push(frame: ServerFrame | string, tag = 0): void {
    this.#frames.push([tag, typeof frame === 'string' ? frame : JSON.stringify(frame)]);
  }

  /** false: it does not read; what there was for it is dropped. */
  flush(): boolean {
    const frames = this.#frames;
    this.#frames = [];
    if (frames.length === 0) return true;
    if (this.#unread > MAX_UNREAD) return false;
    this.#port.postMessage(['frames', frames]);
    // Whatever its size: a tab that keeps up must get on.
    const size = frames.reduce((sum, [, json]) => sum + json.length + FRAME_COST, 0);
    this.#unread += size;
    this.#unasked += size;
    if (this.#unread > ASK_AFTER) this.ask();
    return true;
  }

  /** Is it there, and how far? One question at a time. */
  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#unasked = 0;
    this.#port.postMessage(['ping']);
  }

  answered(): void {
    this.#unread = this.#unasked;
    this.#isAsked = false;
  }

  /** Past what waits for `flush`. */
  send(message: ToTab): void {
    this.#port.postMessage(message);
  }

  close(): void {
    this.isGone = true;
    this.#port.close();
  }
}
