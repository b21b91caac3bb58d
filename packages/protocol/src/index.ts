/** The wire of Fanfare: names, positions, frames, codecs, close codes and error codes. */
export type {
  Ack,
  ChannelKind,
  ClientFrame,
  CloseFrame,
  ConnectedFrame,
  ControlFrame,
  ErrorFrame,
  EventFrame,
  HeartbeatFrame,
  PingFrame,
  PublishedFrame,
  PublishFrame,
  ServerFrame,
  SubscribedFrame,
  SubscribeFrame,
  UnsubscribedFrame,
  UnsubscribeFrame,
} from './frames.ts';
export type { GapCause, Position } from './position.ts';
export { decodePosition, encodePosition } from './position.ts';
export type { Problem, Result } from './result.ts';
export { accept, refuse } from './result.ts';
export type {
  ChannelNames,
  ChannelShape,
  ChannelShapes,
  LogShape,
  NameOf,
  ParamsOf,
  ShapeOf,
  SignalShape,
  StateShape,
} from './shapes.ts';
