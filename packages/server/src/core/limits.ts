/** The bounds of the hub: what one connection may cost. Every figure has a default that suits a public server. */
export interface HubLimits {
  /** Unsent bytes of one connection, our queue and the socket's together. @default 1 MiB */
  readonly maxBufferedBytes: number;
  /** A reader of a log channel that takes nothing for so long is closed, and resumes from its position. @default 5000 */
  readonly stallMs: number;
  /** A reader of any kind that takes nothing for so long is taken for dead. @default 30000 */
  readonly deadMs: number;
  /** Signals waiting for one slow reader; older ones are dropped first. @default 64 */
  readonly maxQueuedSignals: number;
  /** @default 128 (MAX_CHANNELS_PER_CONNECTION of the protocol) */
  readonly maxChannelsPerConnection: number;
  /** Open connections of the hub; the next is refused. @default 100000 */
  readonly maxConnections: number;
  /** Open connections of one user, on whatever devices. @default 100 */
  readonly maxConnectionsPerUser: number;
  /** Open connections from one address (of IPv6, one /64 network). The machine's own are not counted. @default 1000 */
  readonly maxConnectionsPerAddress: number;
  /** Events of one log channel held in memory for reconnects, by count and by payload length. @default 256, 512 KiB */
  readonly recentEvents: number;
  readonly recentBytes: number;
  /** A channel without subscribers is kept warm for so long, so that a reconnect storm reads memory. @default 30000 */
  readonly lingerMs: number;
  /** Heartbeat interval of connections that do not ask for their own. @default 20000 */
  readonly heartbeatMs: number;
  /** Connections end at a random age between these, so that a deploy looks like any other minute. @default 30 min, 60 min */
  readonly minAgeMs: number;
  readonly maxAgeMs: number;
  /** A connection outlives its credential by at most so long: time for a fresh one to arrive. @default 5000 */
  readonly credentialGraceMs: number;
  /** `retry` is random between these, in a window that grows with the number of connections. @default 1000, 8000 */
  readonly minRetryMs: number;
  readonly maxRetryMs: number;
}

const MINUTE = 60_000;

export const DEFAULT_LIMITS: HubLimits = {
  maxBufferedBytes: 1024 * 1024,
  stallMs: 5000,
  deadMs: 30_000,
  maxQueuedSignals: 64,
  maxChannelsPerConnection: 128,
  maxConnections: 100_000,
  maxConnectionsPerUser: 100,
  maxConnectionsPerAddress: 1000,
  recentEvents: 256,
  recentBytes: 512 * 1024,
  lingerMs: 30_000,
  heartbeatMs: 20_000,
  minAgeMs: 30 * MINUTE,
  maxAgeMs: 60 * MINUTE,
  credentialGraceMs: 5000,
  minRetryMs: 1000,
  maxRetryMs: 8000,
};
