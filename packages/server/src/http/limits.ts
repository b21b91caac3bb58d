/** Every bound of a server: its range, and which of them are counted where somebody meets them. */
import { MAX_CHANNELS_PER_CONNECTION } from '@fanfare/protocol';
import { DEFAULT_LIMITS, type HubLimits } from '../core/index.ts';
import { DEFAULT_WIRE_LIMITS, type WireLimits } from './wire-limits.ts';

/** Every bound of a server; docs/reference/limits.md has each with its default. */
export type Limits = HubLimits & WireLimits;

export const ALL_DEFAULTS: Limits = { ...DEFAULT_LIMITS, ...DEFAULT_WIRE_LIMITS };

export interface LimitRange {
  readonly least: number;
  /** @default none */
  readonly most?: number;
}

const ANY: LimitRange = { least: 0 };
const SOME: LimitRange = { least: 1 };
const MEBIBYTE = 1024 * 1024;

export const LIMIT_RANGES: { readonly [L in keyof Limits]: LimitRange } = {
  maxMessageBytes: { least: 256, most: MEBIBYTE },
  maxFragments: { least: 1, most: 1024 },
  // A client takes 64 levels, and a frame around a payload has some of its own.
  maxJsonDepth: { least: 1, most: 60 },
  maxHeaderBytes: { least: 1024, most: MEBIBYTE },
  headersTimeoutMs: { least: 100, most: 300_000 },
  connectsPerSecondPerAddress: ANY,
  connectsPerSecond: ANY,
  unauthenticatedMs: { least: 100, most: 300_000 },
  commandsPerSecond: SOME,
  publishesPerSecond: ANY,
  publishesPerSecondPerKey: ANY,
  maxBufferedBytes: ANY,
  stallMs: ANY,
  deadMs: ANY,
  maxQueuedSignals: ANY,
  // More would not fit into a cursor.
  maxChannelsPerConnection: { least: 0, most: MAX_CHANNELS_PER_CONNECTION },
  maxConnections: ANY,
  maxConnectionsPerUser: SOME,
  maxConnectionsPerAddress: SOME,
  recentEvents: ANY,
  recentBytes: ANY,
  lingerMs: ANY,
  heartbeatMs: ANY,
  credentialGraceMs: ANY,
  minAgeMs: ANY,
  maxAgeMs: ANY,
  minRetryMs: ANY,
  maxRetryMs: ANY,
};

/** Counted from 0 on in `stats().limitHits`, and so in the metrics. `maxSubscribers` is the option of a channel. */
export const COUNTED_LIMITS: readonly (keyof Limits | 'maxSubscribers')[] = [
  'maxMessageBytes',
  'maxFragments',
  'maxJsonDepth',
  'maxHeaderBytes',
  'headersTimeoutMs',
  'connectsPerSecondPerAddress',
  'connectsPerSecond',
  'unauthenticatedMs',
  'commandsPerSecond',
  'publishesPerSecond',
  'publishesPerSecondPerKey',
  'maxChannelsPerConnection',
  'maxConnections',
  'maxConnectionsPerUser',
  'maxConnectionsPerAddress',
  'maxSubscribers',
];
