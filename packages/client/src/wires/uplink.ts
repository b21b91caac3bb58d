/** The way back of a one-way wire: commands go by POST to the open connection, in order, several at a time [PROTOCOL §14.7]. */
import { isFrame } from '../read-frame.ts';
import type { WireEnd, WireOptions } from '../wire.ts';
import { ask, endOf, endOfFault } from './http-end.ts';

interface Queued {
  readonly text: string;
  /** Of commands that ask for an answer. */
  readonly id?: number;
}

/** The server takes no more in one request. */
const MAX_FRAMES = 64;
const MAX_LENGTH = 48 * 1024;

export class Uplink {
  readonly #options: WireOptions;
  readonly #fail: (end: WireEnd) => void;
  readonly #queue: Queued[] = [];
  #connection: string | undefined;
  #token: string | undefined;
  #busy = false;

  /** `fail`: the connection of the wire is not there any more, or cannot be reached. */
  constructor(options: WireOptions, fail: (end: WireEnd) => void) {
    this.#options = options;
    this.#fail = fail;
  }

  /** The open connection; what waited is sent. */
  open(connection: string, token: string | undefined): void {
    this.#connection = connection;
    this.#token = token;
    this.#next();
  }

  send(command: Queued): void {
    this.#queue.push(command);
    this.#next();
  }

  #next(): void {
    if (this.#busy || !this.#connection || this.#queue.length === 0) return;
    this.#busy = true;
    // What is sent in one go leaves in one request.
    queueMicrotask(async () => {
      const end = await this.#post(this.#take()).catch(endOfFault);
      this.#busy = false;
      if (this.#options.signal.aborted) return;
      if (end) this.#fail(end);
      else this.#next();
    });
  }

  #take(): readonly Queued[] {
    let length = 0;
    const end = this.#queue.findIndex(({ text }, at) => {
      length += text.length;
      return at > 0 && (at >= MAX_FRAMES || length > MAX_LENGTH);
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  async #post(commands: readonly Queued[]): Promise<WireEnd | undefined> {
    const { base, platform, tell } = this.#options;
    const response = await ask(this.#options, new URL(`uplink/${this.#connection}`, base), this.#token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"frames":[${commands.map(({ text }) => text).join()}]}`,
    });
    if (response.status !== 200) return this.#refused(commands, await endOf(response, platform));
    const { frames } = (await response.json()) as { readonly frames: readonly unknown[] };
    for (const answer of frames) {
      // What became of a subscription is told by the stream as well, in its order with the events.
      if (isFrame(answer) && (answer.type === 'published' || answer.type === 'error')) tell(answer);
    }
    tell({ type: 'read' });
    return undefined;
  }

  /** Commands that wait for an answer get one where that is all that was asked; else the wire does not show what it should. */
  #refused(commands: readonly Queued[], end: WireEnd): WireEnd | undefined {
    const { reason, verdict } = end;
    // A connection that is not there is back soon, by itself or because another is opened.
    const retry = verdict === undefined || verdict === 404;
    if (verdict === 401 || commands.some(({ id }) => id === undefined))
      return retry ? { ...end, verdict: undefined } : end;
    for (const { id = 0 } of commands) this.#options.tell({ type: 'error', ...reason, id, retry });
    return undefined;
  }
}
