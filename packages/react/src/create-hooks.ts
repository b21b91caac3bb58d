/** Hooks that know an application's channels: a wrong name, event or payload does not compile. */
import type { Client, ConnectionState, EventMeta, Loss } from '@fanfare/client';
import type { ChannelNames, ChannelShapes } from '@fanfare/protocol';
import type { EventNames, EventsOf, SnapshotOf } from './channel-types.ts';
import { useNearestClient } from './fanfare-provider.tsx';
import type { Publisher } from './publisher-types.ts';
import { type ChannelOptions, useAnyChannel } from './use-channel.ts';
import { useConnectionState } from './use-connection-state.ts';
import { useAnyEvent, useAnyLoss } from './use-event.ts';
import { useAnyPublish } from './use-publish.ts';

/**
 * Each takes `undefined` for a name that is not known yet, and then follows nothing. Components that follow one channel share its
 * subscription, all channels share one connection, and a render never opens either anew.
 */
export interface Hooks<S extends ChannelShapes> {
  /** The nearest provider's client. Throws where there is none. */
  useClient(): Client<S>;
  /** How the client is connected. */
  useConnectionState(): ConnectionState;
  /** How the subscription stands, and of a state channel its newest value (`values`: of every key), while the component is mounted. */
  useChannel<N extends ChannelNames<S>>(name: N | undefined, options?: ChannelOptions): SnapshotOf<S, N>;
  /** Calls the newest handler for every event of that name, in order, while the component is mounted. */
  useEvent<N extends EventNames<S>, E extends keyof EventsOf<S, N> & string>(
    name: N | undefined,
    event: E,
    handler: (data: EventsOf<S, N>[E], meta: EventMeta) => void,
  ): void;
  /** Calls the newest handler when events of the channel are missing for good: read the whole again. */
  useLoss<N extends ChannelNames<S>>(name: N | undefined, handler: (loss: Loss) => void): void;
  /**
   * `publish(event, data)` for log and signal channels, `set(value)` for state channels: the same functions at every render, and they
   * never reject. `pending` and `error` say how the last call stands.
   */
  usePublish<N extends ChannelNames<S>>(name: N | undefined): Publisher<S, N>;
}

/** `const { useChannel, useEvent } = createHooks<ScoreboardShapes>()`, once per application, outside of components. */
export function createHooks<S extends ChannelShapes>(): Hooks<S>;
export function createHooks(): unknown {
  // The shapes exist only as types: every application gets the same hooks.
  return HOOKS;
}

const HOOKS = {
  useClient: useNearestClient,
  useConnectionState,
  useChannel: useAnyChannel,
  useEvent: useAnyEvent,
  useLoss: useAnyLoss,
  usePublish: useAnyPublish,
};
