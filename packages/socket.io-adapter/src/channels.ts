/** The channels that Socket.IO runs on: one log and one bus per namespace, and logs of sessions. Nobody but servers follows them. */
import { createHash } from 'node:crypto';
import { type ActionRules, type LogDefinition, log, type SignalDefinition, signal } from 'fanfare';

/** A type and not an interface: a channel map may be indexed by any pattern. */
export type SocketIoChannels = {
  /** What a client that comes back may have missed, in order. */
  readonly 'socketio:{nsp}': LogDefinition;
  /** What is worth nothing later: heartbeats of servers, requests and answers between them, volatile packets. */
  readonly 'socketio-bus:{nsp}': SignalDefinition;
  /** Who was in which rooms. */
  readonly 'socketio-sessions:{shard}': LogDefinition;
};

/** Options of `socketIoChannels()`. */
export interface SocketIoChannelOptions {
  /** Packets of a namespace that are kept for those who come back. @default 10000 */
  readonly keptPackets?: number;
}

/** Records of sessions are written anew before half of this has passed. */
export const SESSION_HOURS = 0.5;
/** Logs that the sessions of a namespace are spread over: a client that comes back reads one of them. */
const SHARDS = 256;

const NOBODY = (): { readonly allow: false; readonly status: 403; readonly code: string } => ({
  ...{ allow: false, status: 403, code: 'FORBIDDEN' },
});
const CLOSED: ActionRules = { subscribe: NOBODY, publish: NOBODY, manage: NOBODY };

/** To be spread into `createFanfare({ channels })`. */
export function socketIoChannels({ keptPackets = 10_000 }: SocketIoChannelOptions = {}): SocketIoChannels {
  return {
    'socketio:{nsp}': log({ keep: { count: keptPackets, hours: 1 }, access: CLOSED }),
    'socketio-bus:{nsp}': signal({ access: CLOSED }),
    'socketio-sessions:{shard}': log({ keep: { count: 20_000, hours: SESSION_HOURS }, access: CLOSED }),
  };
}

export interface NamespaceChannels {
  readonly log: string;
  readonly bus: string;
  sessions(pid: string): string;
}

/** The name of a namespace is any text; a segment of a channel name is not. */
export function channelsOf(namespace: string): NamespaceChannels {
  const id = createHash('sha256').update(namespace).digest('base64url').slice(0, 22);
  return {
    log: `socketio:${id}`,
    bus: `socketio-bus:${id}`,
    sessions: (pid) => `socketio-sessions:${id}-${shardOf(pid)}`,
  };
}

function shardOf(pid: string): number {
  return (createHash('sha256').update(pid).digest()[0] ?? 0) % SHARDS;
}
