/** Types only: what flows in each channel, by pattern. The server derives them from its channel map, client and hooks read them. */

export interface LogShape {
  readonly kind: 'log';
  /** Payload by event name. */
  readonly events: Readonly<Record<string, unknown>>;
}

export interface StateShape {
  readonly kind: 'state';
  readonly value: unknown;
}

export interface SignalShape {
  readonly kind: 'signal';
  readonly events: Readonly<Record<string, unknown>>;
}

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

/** The shape of one name. */
export type ShapeOf<S extends ChannelShapes, N extends string> = {
  [P in keyof S & string]: N extends NameOf<P> ? S[P] : never;
}[keyof S & string];
