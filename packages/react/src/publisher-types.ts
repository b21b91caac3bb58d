/** Types only: what `usePublish` gives for a channel of a map of shapes. */
import type { PublishOptions, SetOptions } from '@fanfare/client';
import type { ChannelNames, ChannelShape, ChannelShapes, ShapeOf, StateShape } from '@fanfare/protocol';
import type { PublishOutcome, PublishState } from './publishing.ts';

/** Log and signal channels. */
export interface EventPublisher<Events> extends PublishState {
  publish<E extends keyof Events & string>(
    event: E,
    data: Events[E],
    options?: PublishOptions,
  ): Promise<PublishOutcome>;
}

/** State channels. */
export interface StatePublisher<Value> extends PublishState {
  /** This is the value from now on. */
  set(value: Value, options?: SetOptions): Promise<PublishOutcome>;
}

/** Of a channel of which nothing was declared, the server knows the kind. */
export type UntypedPublisher = EventPublisher<Readonly<Record<string, unknown>>> & StatePublisher<unknown>;

type PublisherOf<Shape extends ChannelShape> = [ChannelShape] extends [Shape]
  ? UntypedPublisher
  : Shape extends StateShape
    ? StatePublisher<Shape['value']>
    : Shape extends { readonly events: infer Events }
      ? EventPublisher<Events>
      : never;

/** What `usePublish` gives for the channel of that name, by the pattern of `S` that matches it. */
export type Publisher<S extends ChannelShapes, N extends ChannelNames<S>> = PublisherOf<ShapeOf<S, N>>;
