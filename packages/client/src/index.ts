/** Fanfare for browsers and Node: typed channels that resume by themselves. */
export type { EventMeta, Loss } from './channel.ts';
export { type Client, type ClientOptions, createClient } from './client.ts';
export { ClientError } from './client-error.ts';
export type { ConnectionRules, Reason } from './connection-phase.ts';
export type { ConnectionState, ConnectionStatus } from './connection-state.ts';
export type {
  BaseHandle,
  ChannelEvent,
  ChannelHandle,
  EventHandle,
  EventSnapshot,
  HandleOf,
  Handler,
  StateHandle,
  StateSnapshot,
  UntypedHandle,
} from './handles.ts';
export type { Off } from './listeners.ts';
export type { Platform, PlatformSignal } from './platform.ts';
export type { SubscriptionState } from './subscription-machine.ts';
export { type ThrottleClock, type ThrottledLatest, throttleLatest } from './throttle-latest.ts';
