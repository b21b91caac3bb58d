/** Types only: what flows in each channel, by pattern. The server derives them from its channel map, client and hooks read them. */

/** What flows in a log channel. */
export interface LogShape {
  readonly kind: 'log';
  /** Payload by event name. */
  readonly events: Readonly<Record<string, unknown>>;
}

/** What flows in a state channel. */
export interface StateShape {
  readonly kind: 'state';
  readonly value: unknown;
}

/** What flows in a signal channel. */
export interface SignalShape {
  readonly kind: 'signal';
  readonly events: Readonly<Record<string, unknown>>;
}

/** What flows in one channel. */
export type ChannelShape = LogShape | StateShape | SignalShape;

/** Shapes by channel pattern: `{ 'court:{pin}': { kind: 'state', value: Snapshot } }`. */
export type ChannelShapes = Readonly<Record<string, ChannelShape>>;

/** Names that a pattern matches: `court:{pin}` -> `court:${string}`. */
export type NameOf<P extends string> = P extends `${infer Head}{${string}}${infer Tail}`
  ? `${Head}${string}${NameOf<Tail>}`
  : P;

/** What a pattern captures: `court:{pin}` -> `{ pin: string }`. */
export type ParamsOf<P extends string> = P extends `${string}{${infer Key}}${infer Tail}`
  ? { readonly [K in Key | keyof ParamsOf<Tail>]: string }
  : Readonly<Record<never, string>>;

/** Every name that a map of shapes allows. */
export type ChannelNames<S extends ChannelShapes> = { [P in keyof S & string]: NameOf<P> }[keyof S & string];

/**
 * Does the pattern match the name, segment by segment? A capture is one segment, so `chat:a:b` is none of `chat:{room}`,
 * though it is a `chat:${string}`. What is only known as a string fits where a segment may stand.
 */
export type Matches<P extends string, N extends string> = string extends P
  ? true
  : P extends `${infer Segment}:${infer Rest}`
    ? N extends `${infer First}:${infer Others}`
      ? First extends NameOf<Segment>
        ? Matches<Rest, Others>
        : false
      : false
    : N extends `${string}:${string}`
      ? false
      : N extends NameOf<P>
        ? true
        : false;

/** The shape of one name; never, where no pattern matches it. */
export type ShapeOf<S extends ChannelShapes, N extends string> = {
  [P in keyof S & string]: Matches<P, N> extends false ? never : S[P];
}[keyof S & string];

/** N where a pattern of the map matches all of its segments, else never: `chat:a:b` is a `chat:${string}`, but no `chat:{room}`. */
export type KnownName<S extends ChannelShapes, N extends string> = [ShapeOf<S, N>] extends [never] ? never : N;
