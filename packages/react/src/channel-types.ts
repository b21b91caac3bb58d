/** Types only: which names, events and payloads the hooks take, out of a map of shapes. */
import type { ChannelHandle } from '@fanfare/client';
import type { ChannelNames, ChannelShapes, NameOf, ShapeOf } from '@fanfare/protocol';

interface HasValue {
  readonly value: unknown;
}

interface HasEvents {
  readonly events: object;
}

/** Names of the state channels of `S`. */
export type StateNames<S extends ChannelShapes> = {
  [P in keyof S & string]: [Extract<S[P], HasValue>] extends [never] ? never : NameOf<P>;
}[keyof S & string];

/** Names of the log and signal channels of `S`. */
export type EventNames<S extends ChannelShapes> = {
  [P in keyof S & string]: [Extract<S[P], HasEvents>] extends [never] ? never : NameOf<P>;
}[keyof S & string];

/** What a state channel holds. */
export type ValueOf<S extends ChannelShapes, N extends string> = Extract<ShapeOf<S, N>, HasValue>['value'];

/** Payload by event name, of a log or signal channel. */
export type EventsOf<S extends ChannelShapes, N extends string> = Extract<ShapeOf<S, N>, HasEvents>['events'];

/** What `useChannel` gives: how the subscription stands, and of a state channel its values. */
export type SnapshotOf<S extends ChannelShapes, N extends ChannelNames<S>> = ReturnType<
  ChannelHandle<S, N>['getSnapshot']
>;
