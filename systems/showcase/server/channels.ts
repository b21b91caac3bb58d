/** The channels that belong to no system: those open to anyone, and the heartbeat of the server. */
import type { RoomsShapes } from '@fanfare-systems/rooms';
import type { ScoreboardShapes } from '@fanfare-systems/scoreboard';
import { type publicChannels, type ShapesOf, type StandardSchema, type StateDefinition, state, type } from 'fanfare';
import type { ComponentChannels } from './component-channels.ts';

/** What the server is doing, renewed every second while somebody watches. */
export interface ServerStatus {
  readonly connections: number;
  readonly subscriptions: number;
  /** Channels that the hub holds. */
  readonly channels: number;
  /** Events published in the last second. */
  readonly eventsPerSecond: number;
  /** Events handed to connections in the last second. */
  readonly deliveredPerSecond: number;
  readonly uptimeMs: number;
}

/** A type alias, not an interface: only so does it fit a `ChannelMap`. */
export type ServerChannels = { readonly 'server:status': StateDefinition<StandardSchema<ServerStatus>> };

export function serverChannels(): ServerChannels {
  return { 'server:status': state({ schema: type<ServerStatus>(), access: 'public' }) };
}

/** For `createClient<ShowcaseShapes>()` of the start page. */
export type ShowcaseShapes = ShapesOf<ServerChannels> &
  ShapesOf<ComponentChannels> &
  ShapesOf<ReturnType<typeof publicChannels>> &
  Pick<ScoreboardShapes, 'court:{pin}'> &
  Pick<RoomsShapes, 'room:{room}'>;
