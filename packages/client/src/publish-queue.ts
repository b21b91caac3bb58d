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
  readonly duplicate: boolean;
  readonly ack: Ack;
}

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
  /** Of the timer and the signal. */
  forget: Off;
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
  /** The one of each channel that was sent, or waits to be sent again. */
  readonly #heads = new Map<string, number>();
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

  publish({ idempotencyKey, timeoutMs, signal, ...event }: Publication): Promise<Receipt> {
    const { maxQueued = 100, whenFull } = this.#rules;
    return new Promise((resolve, reject) => {
      const { channel } = event;
      const fail = (code: string, temporary = false): void =>
        reject(new ClientError(code, code, { channel, temporary }));
      if (signal?.aborted) return fail('ABORTED');
      if (this.#entries.size >= maxQueued && !(whenFull === 'drop-oldest' && this.#dropOldest())) {
        return fail('QUEUE_FULL', true);
      }
      this.#lastId += 1;
      const id = this.#lastId;
      let text: string;
      try {
        // JSON leaves out what is undefined: `data` would be missing, and the server says so.
        text = JSON.stringify({ type: 'publish', id, ...event, idempotencyKey: idempotencyKey ?? this.#platform.id() });
      } catch (cause) {
        return reject(errorOf('PAYLOAD_INVALID', cause, channel));
      }
      if (new Blob([text]).size > MAX_FRAME_BYTES) return fail('PAYLOAD_INVALID');
      const forget = this.#limit(id, timeoutMs ?? this.#rules.timeoutMs ?? 30_000, signal);
      this.#entries.set(id, { command: { id, text }, channel, resolve, reject, forget, failures: 0 });
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
      const cancel = this.#platform.after(delayMs, () => this.#host.send(entry.command));
      const { forget } = entry;
      entry.forget = () => {
        cancel();
        forget();
      };
    } else this.#reject(entry, frame);
  }

  /** There is a connection, or another one: whatever has no answer is sent, in order. */
  flush(): void {
    for (const id of this.#heads.values()) this.#transmit(id);
    for (const { channel } of this.#entries.values()) this.#advance(channel);
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
    this.#heads.clear();
    for (const entry of entries) this.#reject(entry, reason);
    this.#lingering?.();
    this.#lingering = undefined;
  }

  #limit(id: number, timeoutMs: number, signal: AbortSignal | undefined): Off {
    const giveUp = (code: string, temporary?: boolean): void => {
      const entry = this.#entries.get(id);
      if (entry !== undefined) this.#reject(entry, because(code), temporary);
    };
    const abort = (): void => giveUp('ABORTED');
    signal?.addEventListener('abort', abort);
    const cancel = this.#platform.after(timeoutMs, () => giveUp('PUBLISH_TIMEOUT', true));
    return () => {
      cancel();
      signal?.removeEventListener('abort', abort);
    };
  }

  /** Only what was never sent may give way: of the rest nobody knows whether it is stored. */
  #dropOldest(): boolean {
    for (const [id, entry] of this.#entries) {
      if (this.#heads.get(entry.channel) === id) continue;
      this.#reject(entry, because('QUEUE_FULL'), true);
      return true;
    }
    return false;
  }

  /** Sends the next of the channel, when none is on its way. */
  #advance(channel: string): void {
    if (this.#heads.has(channel)) return;
    for (const [id, entry] of this.#entries) {
      if (entry.channel !== channel) continue;
      if (this.#host.send(entry.command)) this.#heads.set(channel, id);
      return;
    }
  }

  #transmit(id: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#host.send(entry.command);
  }

  #reject(entry: Entry, { code, message }: Reason, temporary?: boolean): void {
    this.#take(entry).reject(new ClientError(code, message, { channel: entry.channel, temporary }));
  }

  #linger(): void {
    this.#lingering?.();
    this.#lingering = this.#platform.after(LINGER_MS, () => {
      this.#lingering = undefined;
      this.#host.quiet();
    });
  }

  #take(entry: Entry): Entry {
    const { command, channel, forget } = entry;
    forget();
    this.#entries.delete(command.id);
    if (this.#heads.get(channel) === command.id) this.#heads.delete(channel);
    this.#advance(channel);
    this.#linger();
    return entry;
  }
}
