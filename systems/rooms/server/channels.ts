/** The channels behind the rooms: one log per room, whoever its readers are, and one signal that reaches every client. */
import {
  type Check,
  type Keep,
  type LogDefinition,
  log,
  type ShapesOf,
  type SignalDefinition,
  type StandardSchema,
  signal,
} from 'fanfare';
import { z } from 'zod';

/** What is kept of a message in a room, and what SSE readers get as `data`. */
export interface RoomMessage {
  /** `clientId` of the sender; `server`: a backend. */
  readonly from: string;
  /** Any JSON. */
  readonly message: unknown;
  /** ISO 8601. */
  readonly timestamp: string;
}

/** What a backend may leave out, the schema fills in. */
export interface RoomMessageInput {
  readonly from?: string | undefined;
  /** Any JSON. */
  readonly message: unknown;
  readonly timestamp?: string | undefined;
}

type MessageSchema = StandardSchema<RoomMessageInput, RoomMessage>;

export const ROOM_EVENT = 'room-message';
export const BROADCAST_EVENT = 'broadcast';
export const BROADCAST_CHANNEL = 'rooms:broadcast';
const ROOM_PREFIX = 'room:';
/** Of `npm run test:ws`: one room for every check, which forgets what was said in it after a minute. */
const CHECK_ROOM = '_check';
const CHECK_KEEP: Keep = { count: 1000, hours: 1 / 60 };
/** What one segment of a channel name may hold [PROTOCOL §2.1]. */
const ROOM_NAME = /^[A-Za-z0-9_-]{1,100}$/;

/** A type and not an interface: a channel map may be indexed by any pattern. */
export type RoomsChannels = {
  readonly 'room:{room}': LogDefinition<{ readonly 'room-message': MessageSchema }>;
  readonly 'room:_check': LogDefinition<{ readonly 'room-message': MessageSchema }>;
  readonly 'rooms:broadcast': SignalDefinition<{ readonly broadcast: MessageSchema }>;
};

/** For `createClient<RoomsShapes>()`. */
export type RoomsShapes = ShapesOf<RoomsChannels>;

export interface RoomsChannelOptions {
  /** Who may join a room, and so follow it on the hub's own wires. */
  readonly join: Check;
  readonly keep: Keep;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

export function roomsChannels({ join, keep, now }: RoomsChannelOptions): RoomsChannels {
  const schema: MessageSchema = z.strictObject({
    from: z.string().min(1).max(128).default('server'),
    message: z.unknown().refine((value) => value !== undefined, 'expected any JSON value, received nothing'),
    timestamp: z.iso.datetime().default(() => new Date(now()).toISOString()),
  });
  return {
    'room:{room}': log({ events: { 'room-message': schema }, keep, access: { subscribe: join } }),
    'room:_check': log({
      ...{ events: { 'room-message': schema }, keep: CHECK_KEEP },
      access: { subscribe: ofRoom(join, CHECK_ROOM) },
    }),
    // Followed by every client, on their behalf.
    'rooms:broadcast': signal({ events: { broadcast: schema }, maxSubscribers: 1_000_000 }),
  };
}

/** A pattern without a capture tells no room: its rule is told the same all the same. */
function ofRoom(check: Check, room: string): Check {
  return check === 'public' ? check : (request) => check({ ...request, params: { room } });
}

export function isRoomName(value: unknown): value is string {
  return typeof value === 'string' && ROOM_NAME.test(value);
}

export function channelOf(room: string): `room:${string}` {
  return `${ROOM_PREFIX}${room}`;
}

/** undefined: the channel is no room. */
export function roomOf(channel: string): string | undefined {
  return channel.startsWith(ROOM_PREFIX) ? channel.slice(ROOM_PREFIX.length) : undefined;
}
