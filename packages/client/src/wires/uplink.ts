/** The way back of a one-way wire: commands go by POST to the open connection, in order, several at a time [PROTOCOL: uplink]. */
import { checkFrame } from '../read-frame.ts';
import type { WireEnd, WireOptions } from '../wire.ts';
import { ask, endOf, endOfFault, fieldsOf } from './http-end.ts';

interface Queued {
  readonly text: string;
  /** Of commands that ask for an answer. */
  readonly id?: number;
}

export interface ConnectionLife {
  /** The wire was closed. */
  readonly signal: AbortSignal;
  /** The connection comes and goes: when it is not there it is tried again. */
  readonly isFitful: boolean;
  /** The connection of the wire is not there any more, or cannot be reached. */
  fail(end: WireEnd): void;
}

/** The server takes no more in one request. */
const MAX_FRAMES = 64;
const MAX_LENGTH = 48 * 1024;

export class Uplink {
  readonly #options: WireOptions;
  readonly #signal: AbortSignal;
  readonly #life: ConnectionLife;
  readonly #queue: Queued[] = [];
  #connection: string | undefined;
  #token: string | undefined;
  #busy = false;

  constructor(options: WireOptions, life: ConnectionLife) {
    this.#options = options;
    this.#signal = life.signal;
    this.#life = life;
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
    if (this.#busy || this.#connection === undefined || this.#queue.length === 0 || this.#signal.aborted) return;
    this.#busy = true;
    // What is sent in one go leaves in one request.
    queueMicrotask(() => {
      this.#post(this.#take()).then(
        (end) => {
          this.#busy = false;
          if (end === undefined) this.#next();
          else this.#end(end);
        },
        (error: unknown) => this.#end(endOfFault(error)),
      );
    });
  }

  #end(end: WireEnd): void {
    if (!this.#signal.aborted) this.#life.fail(end);
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
    const { base, host, platform } = this.#options;
    const response = await ask(this.#options, new URL(`uplink/${this.#connection}`, base), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"frames":[${commands.map(({ text }) => text).join()}]}`,
      signal: this.#signal,
      token: this.#token,
    });
    if (response.status !== 200) return this.#refused(commands, await endOf(response, platform));
    const { frames } = fieldsOf(await response.json());
    for (const answer of Array.isArray(frames) ? frames : []) {
      const frame = checkFrame(answer);
      // What became of a subscription is told by the stream as well, in its order with the events.
      if (typeof frame === 'object' && (frame.type === 'published' || frame.type === 'error')) host.frame(frame);
    }
    host.read();
    return undefined;
  }

  /** Commands that wait for an answer get one where that is all that was asked; else the wire does not show what it should. */
  #refused(commands: readonly Queued[], end: WireEnd): WireEnd | undefined {
    const isGone = end.kind === 'refused' && end.status === 404;
    const mayPass = end.kind === 'dropped' || (isGone && this.#life.isFitful);
    const isVerdict = end.kind === 'refused' && end.status === 401;
    if (!mayPass && isGone) return { kind: 'dropped', reason: end.reason };
    if (isVerdict || commands.some(({ id }) => id === undefined)) return end;
    for (const { id } of commands) {
      if (id !== undefined) this.#options.host.frame({ type: 'error', ...end.reason, id, retry: mayPass });
    }
    return undefined;
  }
}
