/** The bounds of what a caller may send, and how often, before it has a connection and while it has one. */

export interface WireLimits {
  /** Bytes of one message of a WebSocket, one request of the uplink or the backend API, and one payload. @default 64 KiB */
  readonly maxMessageBytes: number;
  /** Fragments of one message of a WebSocket. @default 64 */
  readonly maxFragments: number;
  /** Levels of JSON in a body, a frame or a payload. At most 60: clients take 64. @default 32 */
  readonly maxJsonDepth: number;
  /** Of one request; only where Fanfare runs the server. @default 16 KiB */
  readonly maxHeaderBytes: number;
  /** A peer that has not sent its headers by then is cut; only where Fanfare runs the server. @default 10000 */
  readonly headersTimeoutMs: number;
  /** New connections from one address, in the long run; ten times as many at once. 0: no limit. @default 100 */
  readonly connectsPerSecondPerAddress: number;
  /** New connections from everywhere, in the long run; four times as many at once. 0: no limit. @default 5000 */
  readonly connectsPerSecond: number;
  /** A connection with neither subscription nor identity lives no longer. @default 10000 */
  readonly unauthenticatedMs: number;
  /** Commands of one connection, in the long run; six times as many at once. @default 50 */
  readonly commandsPerSecond: number;
  /** Events that one user publishes, over all connections; of nobody in particular, one connection. Six times as many at once. 0: no limit. @default 50 */
  readonly publishesPerSecond: number;
  /** Events that one API key publishes; ten times as many at once. 0: no limit. @default 250000: more than one process takes, so that only a runaway meets it */
  readonly publishesPerSecondPerKey: number;
}

export const DEFAULT_WIRE_LIMITS: WireLimits = {
  maxMessageBytes: 64 * 1024,
  maxFragments: 64,
  maxJsonDepth: 32,
  maxHeaderBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  connectsPerSecondPerAddress: 100,
  connectsPerSecond: 5000,
  unauthenticatedMs: 10_000,
  commandsPerSecond: 50,
  publishesPerSecond: 50,
  publishesPerSecondPerKey: 250_000,
};
