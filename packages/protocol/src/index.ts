/** The wire of Fanfare: names, positions, frames, codecs, close codes and error codes. */
export { type ChannelMatch, ChannelMatcher } from './channel-matcher.ts';
export { type ChannelParams, type ChannelPattern, compilePattern, type PatternSegment } from './channel-pattern.ts';
export { type ClientFrameResult, decodeClientFrame, readClientFrame } from './client-frame-decode.ts';
export {
  CLOSE_CODES,
  type CloseCode,
  type CloseName,
  closeCode,
  RFC_CLOSE_CODES,
  shouldReconnect,
} from './close-codes.ts';
export { type Cursor, decodeCursor, MAX_CHANNELS_PER_CONNECTION, MAX_CURSOR_LENGTH } from './cursor.ts';
export { CursorWriter, encodeCursor } from './cursor-writer.ts';
export type { ErrorEntry } from './error-entry.ts';
export { describeError, ERRORS, type ErrorCode, isErrorCode, type Language } from './errors.ts';
export { decodeServerFrame } from './frame-decode.ts';
export { type EventJson, encodeEventJson, encodeFrame, sseEventName } from './frame-encode.ts';
export type {
  Ack,
  AuthenticatedFrame,
  AuthFrame,
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
  TransportsFrame,
  UnsubscribedFrame,
  UnsubscribeFrame,
} from './frames.ts';
export { jsonDepthWithin, MAX_JSON_DEPTH } from './json-depth.ts';
export {
  describeValue,
  isEventName,
  MAX_CHANNEL_NAME_LENGTH,
  parseChannelName,
  parseEventName,
  parseIdempotencyKey,
  parseKey,
  RESERVED_EVENT_NAMES,
  STATE_EVENT,
} from './names.ts';
export type { GapCause, Position } from './position.ts';
export { decodePosition, encodePosition } from './position.ts';
export type { Problem, Result } from './result.ts';
export { accept, refuse } from './result.ts';
export type {
  ChannelNames,
  ChannelShape,
  ChannelShapes,
  KnownName,
  LogShape,
  Matches,
  NameOf,
  ParamsOf,
  ShapeOf,
  SignalShape,
  StateShape,
} from './shapes.ts';
export { SseBlockTooLong, SseDecoder, type SseDecoderOptions, type SseEvent } from './sse-decoder.ts';
export {
  encodeSseComment,
  encodeSseEnd,
  encodeSseEvent,
  encodeSseRetry,
  encodeSseStart,
  MAX_RETRY_MS,
  MIN_RETRY_MS,
  type SseFields,
} from './sse-encode.ts';
export { isTransportName, TRANSPORTS, type TransportName } from './transports.ts';
