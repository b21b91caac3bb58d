/** The hub and its ports: everything that transports, engines and the composition root may import from core. */
export type { ChannelRule } from './channel-rule.ts';
export { Connection } from './connection.ts';
export type { Newcomer, RoomLimit } from './connection-table.ts';
export type { Credential } from './credential.ts';
export { CrowdExit } from './crowd-exit.ts';
export type { Disconnected, Disconnects, DisconnectTarget } from './disconnects.ts';
export type { Concat } from './event-batch.ts';
export type { Handshake, RefusalCode, SubscribeOptions, SubscribeOutcome } from './handshake.ts';
export { Hub } from './hub.ts';
export type { DenialFacts, HubEvent, HubObserver, LimitFacts } from './hub-events.ts';
export type { HubAppend, HubOptions, HubRead } from './hub-options.ts';
export type { ChannelReport, ConnectionReport, HubStats } from './hub-reports.ts';
export { DEFAULT_LIMITS, type HubLimits } from './limits.ts';
export {
  type Appended,
  type AppendRequest,
  type Broker,
  type Engine,
  EngineUnavailable,
  type FollowListener,
  type ReadOutcome,
  type ReadRequest,
  type Retention,
  type StoredEvent,
  type Unfollow,
} from './ports/broker.ts';
export type { Cancel, Clock, Entropy } from './ports/clock.ts';
export type { ControlFacts, Encoding, SendOutcome, Transport } from './ports/transport.ts';
export { retryDelayMs } from './retry-delay.ts';
