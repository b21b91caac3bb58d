/** Fanfare for browsers and Node: typed channels that resume by themselves. */
export type { EventMeta, Loss } from './channel-host.ts';
export { createClient } from './client.ts';
export { ClientError, type ClientErrorOptions } from './client-error.ts';
export type { Client, ClientOptions, TabsOptions } from './client-options.ts';
export type { LadderRules as ConnectionRules, Reason } from './connection-phase.ts';
export type { ConnectionState, ConnectionStatus } from './connection-state.ts';
export type {
  BaseHandle,
  ChannelEvent,
  ChannelHandle,
  EventHandle,
  EventSnapshot,
  HandleOf,
  Handler,
  Publishes,
  SetOptions,
  Sets,
  StateHandle,
  StateSnapshot,
  UntypedHandle,
} from './handles.ts';
export type { Off } from './listeners.ts';
export type { OpenSocket, Platform, PlatformSignal, Socket, SocketListener } from './platform.ts';
export type { PublishingRules, PublishOptions, Receipt } from './publish-queue.ts';
export type { SubscriptionState } from './subscription-state.ts';
export { type ThrottleClock, type ThrottledLatest, throttleLatest } from './throttle-latest.ts';
