/**
 * What this client publishes: one at a time per channel, in order, kept while there is no connection, sent again after a cut. Every
 * event has an idempotency key, so that what is sent twice is stored once [PROTOCOL §4.5].
 */
import type { Ack, ErrorFrame, PublishedFrame } from '@fanfare/protocol';
import { ClientError, errorOf } from './client-error.ts';
import { because, type Reason } from './connection-phase.ts';
import type { Command } from './link.ts';
import type { Off } from './listeners.ts';
import type { Platform } from './platform.ts';

/** Of one publish. */
export interface PublishOptions {
  /** Made once per thing to publish; with the same key it is stored once, whoever repeats it. @default one of its own */
  readonly idempotencyKey?: string | undefined;
  /** How long to try, offline or not. @default the client's `publishing.timeoutMs` */
  readonly timeoutMs?: number | undefined;
  /** Gives up: what was not sent yet is not sent any more. */
  readonly signal?: AbortSignal | undefined;
}

/** The event is stored where `position` says, as safely as `ack` says. Signals have no position. */
export interface Receipt {
  readonly position?: string;
  /** It was there already: this call stored nothing. */
  readonly duplicate: boolean;
  /** `accepted` (in memory), `committed` (survives `kill -9` of the server) or `durable` (on disk). */
  readonly ack: Ack;
}

/** Of all that a client publishes. */
export interface PublishingRules {
  /** Most events that wait for the server. @default 100 */
  readonly maxQueued?: number;
  /** What happens to one more: it is rejected, or the oldest that waits gives way. Either way QUEUE_FULL. @default 'reject' */
  readonly whenFull?: 'reject' | 'drop-oldest';
  /** @default 30000 */
  readonly timeoutMs?: number;
}

export interface PublishHost {
  /** false when there is no connection; then `flush` tells that there is one. */
  send(command: Command): boolean;
  /** Nothing was published for a while: `busy` is false from now on. */
  quiet(): void;
}

export interface Publication extends PublishOptions {
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  readonly key?: string | undefined;
}

interface Entry {
  readonly command: Command;
  readonly channel: string;
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: ClientError) => void;
  /** Its timers, and the signal, when it is done. */
  readonly forget: Off[];
  /** Nobody knows whether it is stored. */
  isSent: boolean;
  failures: number;
}

/** What the server takes [PROTOCOL §5.11]: more would end the connection, and everything else on it. */
const MAX_FRAME_BYTES = 64 * 1024;
/** First wait before what was refused for now is sent again; it doubles. */
const RETRY_MS = 250;
const RETRY_CAP_MS = 8000;
/** A connection for the sake of one publish is kept for the next. */
const LINGER_MS = 5000;

export class PublishQueue {
  readonly #platform: Platform;
  readonly #rules: PublishingRules;
  readonly #host: PublishHost;
  /** By id, in the order of their calls. */
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;
  /** Of the time after the last answer, in which another publish is likely. */
  #lingering: Off | undefined;

  constructor(platform: Platform, rules: PublishingRules, host: PublishHost) {
    this.#platform = platform;
    this.#rules = rules;
    this.#host = host;
  }

  /** Something waits for the server, or did a moment ago. */
  get busy(): boolean {
    return this.#entries.size > 0 || this.#lingering !== undefined;
  }

  /** Rejects with a ClientError. */
  async publish(publication: Publication): Promise<Receipt> {
    const { maxQueued = 100, whenFull, timeoutMs: usualMs = 30_000 } = this.#rules;
    const { idempotencyKey = this.#platform.id(), timeoutMs = usualMs, signal, ...event } = publication;
    const { channel } = event;
    if (signal?.aborted) throw failure(channel, ABORTED);
    if (this.#entries.size >= maxQueued) {
      // Only what was never sent may give way.
      const oldest = [...this.#entries.values()].find(({ isSent }) => !isSent);
      if (whenFull !== 'drop-oldest' || oldest === undefined) throw failure(channel, QUEUE_FULL, true);
      this.#reject(oldest, QUEUE_FULL, true);
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const text = write({ type: 'publish', id, ...event, idempotencyKey }, channel);
    return new Promise((resolve, reject) => {
      const entry: Entry = { command: { id, text }, channel, resolve, reject, forget: [], isSent: false, failures: 0 };
      const abort = (): void => this.#reject(entry, ABORTED);
      signal?.addEventListener('abort', abort);
      entry.forget.push(
        () => signal?.removeEventListener('abort', abort),
        this.#platform.after(timeoutMs, () => this.#reject(entry, because('PUBLISH_TIMEOUT'), true)),
      );
      this.#entries.set(id, entry);
      this.#advance(channel);
    });
  }

  /** The server's answer to one of ours; others are none of our business. */
  answer(frame: PublishedFrame | ErrorFrame): void {
    const entry = this.#entries.get(frame.id ?? 0);
    if (entry === undefined) return;
    if (frame.type === 'published') {
      const { type: _, id: __, ...receipt } = frame;
      this.#take(entry).resolve(receipt);
    } else if (frame.retry) {
      const delayMs = Math.min(RETRY_MS * 2 ** entry.failures, RETRY_CAP_MS) * (0.5 + this.#platform.random() / 2);
      entry.failures += 1;
      entry.forget.push(this.#platform.after(delayMs, () => this.#host.send(entry.command)));
    } else this.#reject(entry, frame);
  }

  /** There is a connection, or another one: whatever has no answer is sent, in order. */
  flush(): void {
    for (const channel of new Set([...this.#entries.values()].map((entry) => entry.channel)))
      this.#advance(channel, true);
  }

  /** Nothing will be sent any more. */
  close(): void {
    this.refuse(because('CLOSED'));
  }

  /** The server will not have what waits: all of it fails. */
  refuse(reason: Reason): void {
    const entries = [...this.#entries.values()];
    // None of them makes way for another.
    this.#entries.clear();
    for (const entry of entries) this.#reject(entry, reason);
    this.#lingering?.();
    this.#lingering = undefined;
  }

  /** Sends the first of the channel, unless it is on its way; `again`: it was on a wire that is none any more. */
  #advance(channel: string, again?: boolean): void {
    for (const entry of this.#entries.values()) {
      if (entry.channel !== channel) continue;
      if (again || !entry.isSent) entry.isSent = this.#host.send(entry.command) || entry.isSent;
      return;
    }
  }

  #reject(entry: Entry, reason: Reason, temporary?: boolean): void {
    this.#take(entry).reject(failure(entry.channel, reason, temporary));
  }

  #take(entry: Entry): Entry {
    for (const forget of entry.forget) forget();
    this.#entries.delete(entry.command.id);
    this.#advance(entry.channel);
    this.#lingering?.();
    this.#lingering = this.#platform.after(LINGER_MS, () => {
      this.#lingering = undefined;
      this.#host.quiet();
    });
    return entry;
  }
}

const ABORTED = because('ABORTED');
const QUEUE_FULL = because('QUEUE_FULL');

function failure(channel: string, { code, message }: Reason, temporary?: boolean): ClientError {
  return new ClientError(code, message, { channel, temporary });
}

/** JSON leaves out what is undefined: `data` would be missing, and the server says so. */
function write(frame: object, channel: string): string {
  try {
    const text = JSON.stringify(frame);
    if (new Blob([text]).size <= MAX_FRAME_BYTES) return text;
  } catch (cause) {
    throw errorOf('PAYLOAD_INVALID', cause, channel);
  }
  throw failure(channel, because('PAYLOAD_INVALID'));
}
