/** What `createFanfare` takes, checked once: who misspells an option learns it when the hub is made, not from a client. */
import { describeValue, isTransportName, TRANSPORTS, type TransportName } from '@fanfare/protocol';
import type { ChannelMap } from './channels/channel-map.ts';
import { checkOptions, isFunction, isRecord, type OptionRule, type OptionRules } from './channels/options-check.ts';
import type { FanfareOptions } from './fanfare.ts';
import { ALL_DEFAULTS, LIMIT_RANGES, type Limits } from './http/limits.ts';
import { isProxyRange } from './http/proxy-trust.ts';

/** A proxy, or a phone that sleeps, drops a wire that is silent for longer. */
const MAX_HEARTBEAT_MS = 25_000;
const KINDS: readonly unknown[] = ['log', 'state', 'signal'];

const EXPECTED_TRANSPORTS = `a list of at least one of ${TRANSPORTS.join(', ')}`;
const FUNCTION: OptionRule = { expected: 'a function', fits: isFunction };
const RULES: OptionRules<FanfareOptions<ChannelMap>> = {
  engine: {
    expected: "an engine, written engine: sqlite('data/app.db') or engine: memory()",
    fits: (value) => isRecord(value) && isRecord(value['broker']) && isFunction(value['close']),
    required: true,
  },
  channels: { expected: "definitions by pattern, such as { 'chat:{room}': log() }", fits: isRecord, required: true },
  authenticate: FUNCTION,
  authorize: {
    expected: 'grants(), a function, or a list of such',
    fits: (value) => (Array.isArray(value) ? value.every(isAuthorize) : isAuthorize(value)),
  },
  apiKey: { expected: 'a string', fits: (value) => typeof value === 'string' },
  apiKeys: { expected: 'a list of keys: { id, hash, grants }', fits: (value) => Array.isArray(value) },
  allowedOrigins: {
    expected: "an array of origins, such as ['https://app.example.com']",
    fits: (value) => Array.isArray(value) && value.every((origin) => typeof origin === 'string'),
  },
  publicOrigins: {
    expected: "an array of origins, such as ['https://live.example.com']",
    fits: (value) => Array.isArray(value) && value.every((origin) => typeof origin === 'string'),
  },
  publicChannels: { expected: 'true or false', fits: (value) => typeof value === 'boolean' },
  transports: { expected: EXPECTED_TRANSPORTS, fits: isTransportList },
  limits: { expected: 'an object, such as { maxConnections: 1000 }', fits: isRecord },
  heartbeatMs: {
    expected: `more than 0 and at most ${MAX_HEARTBEAT_MS}`,
    fits: (value) => typeof value === 'number' && value > 0 && value <= MAX_HEARTBEAT_MS,
  },
  openMetrics: { expected: 'true or false', fits: (value) => typeof value === 'boolean' },
  trustedHops: {
    expected: "how many proxies of yours are in front, a whole number from 0, or which: ['10.0.0.0/8']",
    fits: (value) =>
      Array.isArray(value)
        ? value.every((range) => typeof range === 'string' && isProxyRange(range))
        : Number.isInteger(value) && Number(value) >= 0,
  },
  onError: FUNCTION,
  clock: { expected: 'a Clock, such as systemClock', fits: (value) => isRecord(value) && isFunction(value['now']) },
  entropy: {
    expected: 'an Entropy, such as systemEntropy',
    fits: (value) => isRecord(value) && isFunction(value['id']),
  },
};

const LIMIT_RULES = Object.fromEntries(
  Object.entries(LIMIT_RANGES).map(([name, { least, most }]) => [
    name,
    {
      expected: most === undefined ? `a number from ${least}` : `a number from ${least} to ${most}`,
      fits: (value: unknown) =>
        typeof value === 'number' && value >= least && value <= (most ?? Number.POSITIVE_INFINITY),
    },
  ]),
);

/** Throws a TypeError that names what is wrong and what to write instead. */
export function checkFanfareOptions(options: FanfareOptions<ChannelMap>): void {
  checkOptions({ owner: 'createFanfare()', options, rules: RULES });
  checkOptions({ owner: 'limits', options: options.limits ?? {}, rules: LIMIT_RULES });
  for (const [pattern, definition] of Object.entries<unknown>(options.channels)) {
    if (isRecord(definition) && KINDS.includes(definition['kind']) && isRecord(definition['retention'])) continue;
    throw new TypeError(
      `channels: "${pattern}": expected log({ … }), state({ … }) or signal({ … }), got ${describeValue(definition)}.`,
    );
  }
}

/** Throws a TypeError on what is no list of transports. */
export function checkTransports(transports: readonly TransportName[]): void {
  if (isTransportList(transports)) return;
  throw new TypeError(`transports: expected ${EXPECTED_TRANSPORTS}, got ${describeValue(transports)}.`);
}

function isAuthorize(value: unknown): boolean {
  return isFunction(value) || (isRecord(value) && isFunction(value['decide']));
}

function isTransportList(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isTransportName);
}

/** Every limit, with its default where the application named none. `heartbeatMs` counts from either place. */
export function limitsOf({ limits, heartbeatMs }: FanfareOptions<ChannelMap>): Limits {
  const all = { ...ALL_DEFAULTS, ...limits };
  const merged = { ...all, heartbeatMs: heartbeatMs ?? all.heartbeatMs };
  if (RULES.heartbeatMs.fits(merged.heartbeatMs)) return merged;
  throw new TypeError(`limits: heartbeatMs: expected ${RULES.heartbeatMs.expected}, got ${merged.heartbeatMs}.`);
}
