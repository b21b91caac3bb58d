/** Fanfare: real-time delivery for Node applications. Publish once; every browser that should know, knows. */
export type {
  Ack,
  ClientFrame,
  CloseFrame,
  CloseName,
  ControlFrame,
  ErrorFrame,
  GapCause,
  SubscribedFrame,
  TransportName,
} from '@fanfare/protocol';
export { RFC_CLOSE_CODES } from '@fanfare/protocol';
export {
  type AccessDecision,
  type AccessRequest,
  type AccessRule,
  AccessUnavailable,
  type ActionRules,
  type Check,
} from './auth/access.ts';
export type { Action } from './auth/action.ts';
export type { ApiKeyOptions } from './auth/api-keys.ts';
export { type AskApplicationOptions, askApplication } from './auth/ask-application.ts';
export type { AccessStep, Authority, Authorize } from './auth/gate.ts';
export type { GrantTable } from './auth/grant-table.ts';
export { type GrantsOptions, grants } from './auth/grants.ts';
export type { Authenticate, Identity, RequestFacts } from './auth/identity.ts';
export type { Revocation } from './auth/revocations.ts';
export type { Ticket } from './auth/tickets.ts';
export type { ClaimNames, IssuerOptions, TokenAlgorithm } from './auth/tokens/issuer.ts';
export type { TokenVerdict } from './auth/tokens/token-verifier.ts';
export { type TokenAuthenticate, type TokensOptions, tokens } from './auth/tokens/tokens.ts';
export {
  type ChannelDefinition,
  type EventSchemas,
  type Keep,
  type LogDefinition,
  type LogOptions,
  log,
  type SignalDefinition,
  type SignalOptions,
  type StateDefinition,
  type StateOptions,
  signal,
  state,
} from './channels/channel-definitions.ts';
export type {
  ChannelOf,
  EventOf,
  LogChannel,
  PublishOptions,
  SetOptions,
  SignalChannel,
  StateChannel,
  TransactionChannelOf,
} from './channels/channel-handles.ts';
export {
  type ChannelMap,
  type DefinitionOf,
  type NamesOf,
  publicChannels,
  type ShapesOf,
} from './channels/channel-map.ts';
export type { HistoryEvent, HistoryPage, HistoryRange } from './channels/channel-reader.ts';
export { FanfareError, type FanfareErrorOptions } from './channels/fanfare-error.ts';
export { MAX_PAYLOAD_BYTES } from './channels/payload.ts';
export type { PublishReceipt } from './channels/publisher.ts';
export {
  type InputOf,
  type OutputOf,
  type SchemaIssue,
  type SchemaOutcome,
  type StandardSchema,
  type,
} from './channels/standard-schema.ts';
export type {
  ChannelReport,
  Clock,
  ConnectionReport,
  ControlFacts,
  Credential,
  DenialFacts,
  Disconnected,
  DisconnectTarget,
  Encoding,
  Engine,
  Entropy,
  HubEvent,
  HubLimits,
  HubObserver,
  HubStats,
  LimitFacts,
  SendOutcome,
  StoredEvent,
  SubscribeOutcome,
  Transport,
} from './core/index.ts';
export { createFanfare } from './create-fanfare.ts';
export {
  EngineFileRefused,
  type EngineTransaction,
  type MemoryOptions,
  memory,
  type RedisOptions,
  type RefusalReason,
  redis,
  type SqlDatabase,
  type SqliteEngine,
  type SqliteOptions,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
  sqlite,
} from './engines/index.ts';
export type { AnyFanfare, Fanfare, FanfareOptions, Transaction } from './fanfare.ts';
export type { Limits } from './http/limits.ts';
export type { Health, LiveApi } from './http/live-api.ts';
export type { MetricsText } from './http/metrics-route.ts';
export type { WireLimits } from './http/wire-limits.ts';
export type { ExplainQuestion, Explanation } from './live-explain.ts';
export type {
  AuditAct,
  AuditEntry,
  AuditFindings,
  AuditPage,
  AuditQuery,
  AuditRange,
  AuditTrail,
} from './observe/audit-trail.ts';
export { systemClock, systemEntropy } from './platform/system-clock.ts';
export type { ArrivalRefusal } from './transports/connection-gate.ts';
export type { Caller, OpenOptions, OwnConnection, OwnSubscribeOptions } from './transports/own/own-connection.ts';
export {
  type ConnectedFacts,
  defineSseView,
  type RefusalFacts,
  type SseMessage,
  type SseView,
  type SseViewOptions,
  type StreamFacts,
  type ViewedEvent,
} from './transports/sse/view.ts';
export type { StreamOptions } from './transports/sse/view-streams.ts';
export type {
  OwnSocket,
  SocketEnd,
  SocketReader,
  WebSocketPath,
  WebSocketPathOptions,
} from './transports/ws/own-path.ts';
export type { Closing } from './transports/ws/transport.ts';
export {
  defineWebSocketView,
  type SocketEvent,
  type WebSocketView,
  type WebSocketViewOptions,
} from './transports/ws/view.ts';
