/** Types of a channel's handle: what a page does with a channel, with the payloads that its shape declares. */
import type { ChannelShape, ChannelShapes, LogShape, ShapeOf, SignalShape, StateShape } from '@fanfare/protocol';
import type { EventMeta, Loss } from './channel-host.ts';
import type { Off } from './listeners.ts';
import type { PublishOptions, Receipt } from './publish-queue.ts';
import type { SubscriptionState } from './subscription-state.ts';

/** Written as a method so that a handler of the declared payload fits the untyped channel below it. */
export type Handler<Data> = { handle(data: Data, meta: EventMeta): void }['handle'];

/** One event of an async iteration: `event` tells which payload `data` is. */
export type ChannelEvent<Events> = {
  readonly [E in keyof Events & string]: {
    readonly event: E;
    readonly data: Events[E];
    readonly key?: string;
    readonly position?: string;
  };
}[keyof Events & string];

/** What every kind of channel has. A channel is subscribed to while it has a listener of any sort, through any handle. */
export interface BaseHandle<Events> {
  readonly name: string;
  /** Where the subscription stands now. */
  readonly subscription: SubscriptionState;
  /** The last event that everyone who listens is done with; keep it to go on from there in another life. */
  readonly position: string | undefined;
  /**
   * Calls the handler for every event of that name, in order. The client's position moves on after it returned; what it throws goes
   * to `onError`, and the next handler and the next event follow all the same.
   */
  on<E extends keyof Events & string>(event: E, handler: Handler<Events[E]>): Off;
  /** Events are missing, and nothing will bring them back: read the whole again from its source. */
  onLost(handler: (loss: Loss) => void): Off;
  /**
   * Every event from now on. What waits for a slow loop is bounded: on a log channel the client resumes from where the loop is, on a
   * state channel the newest per key waits, on a signal channel the oldest gives way. Leaving the loop ends the listening.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<ChannelEvent<Events>>;
  /** Calls the listener when the snapshot changed: the first half of React's useSyncExternalStore. */
  subscribe(listener: () => void): Off;
  /** Ends everything that was begun through this handle. */
  close(): void;
}

/** What a log or signal channel takes from a client. */
export interface Publishes<Events> {
  /**
   * Resolves when the server has it, as safely as the receipt's `ack` says. Kept and tried again while there is no connection, in
   * the order of the calls; sent twice it is stored once. Rejects with a ClientError, whose `temporary` says whether the same
   * could succeed later: PUBLISH_TIMEOUT, QUEUE_FULL, ABORTED, CLOSED, or the server's code.
   */
  publish<E extends keyof Events & string>(event: E, data: Events[E], options?: PublishOptions): Promise<Receipt>;
}

/** As of a publish. */
export interface SetOptions extends PublishOptions {
  /** Which of many values. @default the one value without a key */
  readonly key?: string | undefined;
}

/** What a state channel takes from a client. */
export interface Sets<Value> {
  /** The value from now on; as `publish` of other channels. */
  set(value: Value, options?: SetOptions): Promise<Receipt>;
}

/** A log or signal channel. */
export interface EventHandle<Events> extends BaseHandle<Events>, Publishes<Events> {
  /** The same object until something in it changes: the other half of useSyncExternalStore. */
  getSnapshot(): EventSnapshot;
}

/** What a page may show of a log or signal channel. */
export interface EventSnapshot {
  readonly subscription: SubscriptionState;
}

/** A state channel. What is known already is in `value`; its one event, `state`, tells what comes from now on. */
export interface StateHandle<Value> extends BaseHandle<{ readonly state: Value }>, Sets<Value> {
  /** The newest value; undefined until there is one, or nobody listens. Of values with keys see `values`. */
  readonly value: Value | undefined;
  /** The newest value of every key. */
  readonly values: ReadonlyMap<string, Value>;
  getSnapshot(): StateSnapshot<Value>;
}

/** What a page may show of a state channel; of other kinds `value` is undefined and `values` empty. */
export interface StateSnapshot<Value> {
  readonly subscription: SubscriptionState;
  /** The newest value without a key; undefined until there is one. */
  readonly value: Value | undefined;
  /** The newest value of every key. */
  readonly values: ReadonlyMap<string, Value>;
}

/** A channel of which nothing was declared: every event may come, with any payload. */
export interface UntypedHandle
  extends BaseHandle<Readonly<Record<string, unknown>>>,
    Publishes<Readonly<Record<string, unknown>>>,
    Sets<unknown> {
  /** As of a state channel; of other kinds undefined. */
  readonly value: unknown;
  /** As of a state channel; of other kinds empty. */
  readonly values: ReadonlyMap<string, unknown>;
  getSnapshot(): StateSnapshot<unknown>;
}

/** The handle of a channel of that shape. */
export type HandleOf<Shape extends ChannelShape> = [ChannelShape] extends [Shape]
  ? UntypedHandle
  : Shape extends StateShape
    ? StateHandle<Shape['value']>
    : Shape extends LogShape | SignalShape
      ? EventHandle<Shape['events']>
      : never;

/** The handle of the channel of that name, by the pattern of `S` that matches it. */
export type ChannelHandle<S extends ChannelShapes, N extends string> = HandleOf<ShapeOf<S, N>>;
