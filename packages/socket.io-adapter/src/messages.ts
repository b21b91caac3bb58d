/** What servers tell each other: the messages of Socket.IO's cluster adapters, as JSON of the hub. */
import type { BroadcastOptions, ClusterMessage, ClusterResponse } from 'socket.io-adapter';
import { MessageType } from 'socket.io-adapter';
import { fromJson, toJson } from './binary.ts';

/** A packet of the protocol, as adapters get it. */
export interface Packet {
  readonly type: number;
  readonly data: unknown[];
  readonly id?: number;
  readonly nsp?: string;
}

export type Broadcast = Extract<ClusterMessage, { type: MessageType.BROADCAST }>;

export interface Wrapped {
  readonly message: unknown;
  readonly binary?: true;
  /** Of a response: the server that asked. */
  readonly to?: string;
}

const EVENT = 2;
const KEPT: ReadonlySet<MessageType> = new Set([
  MessageType.BROADCAST,
  MessageType.SOCKETS_JOIN,
  MessageType.SOCKETS_LEAVE,
  MessageType.DISCONNECT_SOCKETS,
]);

export function wrap(message: ClusterMessage | ClusterResponse, to?: string): Wrapped {
  const { value, binary } = toJson(message);
  return { message: value, ...(binary ? { binary: true as const } : {}), ...(to === undefined ? {} : { to }) };
}

/** undefined: it is none of ours, or for another server. */
export function unwrap(data: unknown, self: string): ClusterMessage | undefined {
  if (typeof data !== 'object' || data === null || !('message' in data)) return undefined;
  if ('to' in data && data.to !== self) return undefined;
  return parseMessage('binary' in data ? fromJson(data.message) : data.message);
}

/** Does it belong in the log, in order and for those who come back? */
export function isKept(message: ClusterMessage): boolean {
  return KEPT.has(message.type) && !(isBroadcast(message) && (awaitsAnswers(message) || isVolatile(message.data.opts)));
}

export function isBroadcast(message: ClusterMessage): message is Broadcast {
  return message.type === MessageType.BROADCAST;
}

export function awaitsAnswers({ data }: Broadcast): boolean {
  return data.requestId !== undefined;
}

/** Is it for those alone who are there, and can take it at once? */
export function isVolatile({ flags }: { readonly flags?: { readonly volatile?: boolean } | undefined }): boolean {
  return flags?.volatile === true;
}

/** Acknowledged, volatile and internal packets are not brought again to a client that comes back: as Socket.IO has it. */
export function isRecoverable(packet: Packet, flags: { readonly volatile?: boolean | undefined } | undefined): boolean {
  return packet.type === EVENT && packet.id === undefined && flags?.volatile !== true;
}

export interface ChannelEvent {
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
}

/**
 * What is emitted to one room that is a channel, and to all of it, is published there. undefined: it is not; nor is a volatile one, because
 * what is published is kept.
 */
export function channelEventOf(
  packet: Packet,
  opts: BroadcastOptions,
  channelOf: (room: string) => string | undefined,
): ChannelEvent | undefined {
  const [room] = opts.rooms;
  const channel = opts.rooms.size === 1 && room !== undefined ? channelOf(room) : undefined;
  if (channel === undefined || (opts.except?.size ?? 0) > 0 || packet.id !== undefined || isVolatile(opts)) {
    return undefined;
  }
  const [event, data = null, ...more] = packet.data;
  return typeof event === 'string' && more.length === 0 ? { channel, event, data } : undefined;
}

export function optionsOf(opts: Broadcast['data']['opts']): BroadcastOptions {
  return { rooms: new Set(opts.rooms), except: new Set(opts.except), flags: opts.flags };
}

/** The one place where the types of a foreign package are claimed of what came over the wire: written by servers only. */
function parseMessage(value: unknown): ClusterMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, uid, nsp } = { type: undefined, uid: undefined, nsp: undefined, ...value };
  if (typeof type !== 'number' || typeof uid !== 'string' || typeof nsp !== 'string') return undefined;
  return value as ClusterMessage;
}

export function packetOf({ data }: Broadcast): Packet {
  return data.packet as Packet;
}
