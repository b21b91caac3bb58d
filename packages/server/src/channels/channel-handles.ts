/** `live.channel(name)`: the verbs that the kind of the channel allows, typed by its definition. */
import type { EventSchemas, LogDefinition, SignalDefinition, StateDefinition } from './channel-definitions.ts';
import type { ChannelReader, HistoryEvent, HistoryPage, HistoryRange } from './channel-reader.ts';
import type { Publisher, PublishReceipt } from './publisher.ts';
import type { InputOf, OutputOf, StandardSchema } from './standard-schema.ts';

/** Of one publish. */
export interface PublishOptions {
  /** Publishing again with the same key answers with the first position and stores nothing. 1..128 visible ASCII. */
  readonly idempotencyKey?: string;
}

/** Of one `set`. */
export interface SetOptions extends PublishOptions {
  /** Which of many values. @default the one value without a key */
  readonly key?: string;
}

/** A kept event of a channel that declares its events. */
export type EventOf<E extends EventSchemas> = {
  [K in keyof E & string]: HistoryEvent & { readonly event: K; readonly data: OutputOf<E[K]> };
}[keyof E & string];

/** The verbs of a log channel. */
export interface LogChannel<E extends EventSchemas> {
  /** Resolves when the event is as safe as the receipt's `ack` says. Rejects with a FanfareError: unless its code is OUTCOME_UNKNOWN, nothing was stored. */
  publish<K extends keyof E & string>(event: K, data: InputOf<E[K]>, options?: PublishOptions): Promise<PublishReceipt>;
  /** A page of what is kept, oldest first: complete, or a gap with its cause. Rejects with a FanfareError. */
  history(range?: HistoryRange): Promise<HistoryPage<EventOf<E>>>;
}

/** The verbs of a state channel. */
export interface StateChannel<S extends StandardSchema> {
  /** The value from now on. Resolves when it is as safe as the receipt's `ack` says. Rejects as a publish does. */
  set(value: InputOf<S>, options?: SetOptions): Promise<PublishReceipt>;
  /** undefined: never set. */
  get(key?: string): Promise<OutputOf<S> | undefined>;
}

/** The verb of a signal channel. */
export interface SignalChannel<E extends EventSchemas> {
  /** Goes to whoever listens now, and is kept nowhere. Rejects with a FanfareError; then it went to nobody. */
  publish<K extends keyof E & string>(event: K, data: InputOf<E[K]>): Promise<void>;
}

/** The verbs of a channel, by its definition. */
export type ChannelOf<D> =
  D extends LogDefinition<infer E>
    ? LogChannel<E>
    : D extends StateDefinition<infer S>
      ? StateChannel<S>
      : D extends SignalDefinition<infer E>
        ? SignalChannel<E>
        : never;

/** The verbs inside a transaction: synchronous, and the events go out when it commits. A signal is never part of one. */
export type TransactionChannelOf<D> =
  D extends LogDefinition<infer E>
    ? {
        publish<K extends keyof E & string>(event: K, data: InputOf<E[K]>, options?: PublishOptions): void;
      }
    : D extends StateDefinition<infer S>
      ? { set(value: InputOf<S>, options?: SetOptions): void }
      : never;

/** All verbs of all kinds; the publisher refuses the wrong one. The types above hand out only the right ones. */
export class ChannelVerbs {
  readonly #name: string;
  readonly #publisher: Publisher;
  readonly #reader: ChannelReader;

  constructor(name: string, publisher: Publisher, reader: ChannelReader) {
    this.#name = name;
    this.#publisher = publisher;
    this.#reader = reader;
  }

  publish(event: string, data: unknown, options: PublishOptions = {}): Promise<unknown> {
    return this.#publisher.publish({ channel: this.#name, event, data, idempotencyKey: options.idempotencyKey });
  }

  set(value: unknown, options: SetOptions = {}): Promise<PublishReceipt> {
    return this.#publisher.set({
      channel: this.#name,
      data: value,
      key: options.key,
      idempotencyKey: options.idempotencyKey,
    });
  }

  get(key?: string): Promise<unknown> {
    return this.#reader.value(this.#name, key);
  }

  history(range?: HistoryRange): Promise<HistoryPage> {
    return this.#reader.history(this.#name, range);
  }
}
