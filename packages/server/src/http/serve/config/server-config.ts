/** What can be set about a server, under one name per setting: the same in the file, as a flag and in the environment. */
import { TRANSPORTS, type TransportName } from '@fanfare/protocol';
import { z } from 'zod';
import type { LogLevel } from '../../../observe/logger.ts';
import { LIMIT_RANGES, type Limits } from '../../limits.ts';
import { isOrigin } from '../../origin-policy.ts';
import { isProxyRange } from '../../proxy-trust.ts';

export interface ServerConfig {
  readonly port: number;
  /** Address to listen on; '' = all of them. */
  readonly host: string;
  /** Folder of everything that must survive a restart. */
  readonly data: string;
  /** memory, sqlite, or the URL of a Redis. */
  readonly engine: string;
  /** '' = one is made and kept in the data folder. */
  readonly apiKey: string;
  /** File with channels, issuers, grants and keys; '' = there is none. */
  readonly access: string;
  readonly allowedOrigins: readonly string[];
  /** Where browsers reach this server; none: by whatever name. */
  readonly publicOrigins: readonly string[];
  /** Proxies of ours in front whose X-Forwarded-For is believed; 0 = none. */
  readonly trustProxy: number | readonly string[];
  readonly logLevel: LogLevel;
  readonly logRequests: boolean;
  readonly heartbeatMs: number;
  /** What callers may cost, where it is not the default. */
  readonly limits: Partial<Limits>;
  /** Anybody may read the metrics. */
  readonly openMetrics: boolean;
  /** Wires that clients may use. */
  readonly transports: readonly TransportName[];
  /** The code is warmed up before the port is opened. */
  readonly warmUp: boolean;
}

export type SettingName = keyof ServerConfig;

export interface Setting<T> {
  /** Without the dashes. */
  readonly flag: string;
  /** First that is set counts. */
  readonly env: readonly string[];
  readonly kind: 'text' | 'number' | 'switch' | 'list' | 'numbers' | 'number-or-list';
  readonly schema: z.ZodType<T>;
  readonly fallback: T;
  /** What a value must be: completes "expected ..." and the help. */
  readonly expected: string;
  readonly help: string;
  /** The value never appears in a message; a function: one that it names. A file may hold it, named by the variable with `_FILE`. */
  readonly isSecret?: boolean | ((value: unknown) => boolean);
}

const limits = z.strictObject(
  Object.fromEntries(
    Object.entries(LIMIT_RANGES).map(([name, { least, most }]) => [
      name,
      z
        .number()
        .min(least)
        .max(most ?? Number.MAX_SAFE_INTEGER)
        .optional(),
    ]),
  ),
);

/** Printable ASCII without spaces: it travels in a header. */
const API_KEY = /^[\x21-\x7e]{1,256}$/;

const ENGINE = /^(memory|sqlite|rediss?:\/\/[^/\s]+(\/\d{0,4})?)$/;

export const SETTINGS: { readonly [K in SettingName]: Setting<ServerConfig[K]> } = {
  port: {
    flag: 'port',
    env: ['FANFARE_PORT', 'PORT'],
    kind: 'number',
    schema: z.int().min(0).max(65_535),
    fallback: 3001,
    expected: 'a whole number from 0 to 65535',
    help: 'port to listen on; 0 = any free one',
  },
  host: {
    flag: 'host',
    env: ['FANFARE_HOST'],
    kind: 'text',
    schema: z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/),
    fallback: '',
    expected: 'an address or a host name',
    help: 'address to listen on; all of them by default',
  },
  data: {
    flag: 'data',
    env: ['FANFARE_DATA'],
    kind: 'text',
    schema: z.string().min(1),
    fallback: './data',
    expected: 'the path of a folder',
    help: 'folder for everything that survives a restart',
  },
  engine: {
    flag: 'engine',
    env: ['FANFARE_ENGINE'],
    kind: 'text',
    schema: z.string().regex(ENGINE),
    fallback: 'sqlite',
    expected: 'memory, sqlite, or a URL such as redis://127.0.0.1:6379 (nats:// is not available in this version)',
    help: 'memory forgets at a restart, sqlite keeps, a Redis is shared by several servers',
    isSecret: (value) => String(value).includes('@'),
  },
  apiKey: {
    flag: 'api-key',
    env: ['FANFARE_API_KEY'],
    kind: 'text',
    schema: z.string().regex(API_KEY),
    fallback: '',
    expected: '1 to 256 visible ASCII characters',
    help: 'key of the backend API; otherwise one is made and kept in the data folder',
    isSecret: true,
  },
  access: {
    flag: 'access',
    env: ['FANFARE_ACCESS'],
    kind: 'text',
    schema: z.string().min(1),
    fallback: '',
    expected: 'the path of a file',
    help: 'file with channels, issuers of tokens, grants and keys; docs/reference/configuration.md',
  },
  allowedOrigins: {
    flag: 'allowed-origins',
    env: ['FANFARE_ALLOWED_ORIGINS'],
    kind: 'list',
    schema: z.array(z.string().refine(isOrigin)).readonly(),
    fallback: [],
    expected: 'origins such as https://app.example.com, without a path and never *',
    help: 'web pages of other origins that may connect, comma separated',
  },
  publicOrigins: {
    flag: 'public-origins',
    env: ['FANFARE_PUBLIC_ORIGINS'],
    kind: 'list',
    schema: z.array(z.string().refine(isOrigin)).readonly(),
    fallback: [],
    expected: 'origins such as https://live.example.com, without a path and never *',
    help: 'where browsers reach this server, comma separated; other names are refused',
  },
  trustProxy: {
    flag: 'trust-proxy',
    env: ['FANFARE_TRUST_PROXY'],
    kind: 'number-or-list',
    schema: z.union([z.int().min(0).max(10), z.array(z.string().refine(isProxyRange)).min(1).readonly()]),
    fallback: 0,
    expected: 'the number of proxies in front, 0 to 10, or their addresses and networks, such as 10.0.0.0/8',
    help: 'proxies in front whose X-Forwarded-For is believed',
  },
  logLevel: {
    flag: 'log-level',
    env: ['FANFARE_LOG_LEVEL'],
    kind: 'text',
    schema: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']),
    fallback: 'info',
    expected: 'silent, fatal, error, warn, info, debug or trace',
    help: 'how much is logged',
  },
  logRequests: {
    flag: 'log-requests',
    env: ['FANFARE_LOG_REQUESTS'],
    kind: 'switch',
    schema: z.boolean(),
    fallback: false,
    expected: 'true or false',
    help: 'one log line per request',
  },
  heartbeatMs: {
    flag: 'heartbeat-ms',
    env: ['FANFARE_HEARTBEAT_MS'],
    kind: 'number',
    schema: z.int().min(1000).max(25_000),
    fallback: 20_000,
    expected: 'milliseconds from 1000 to 25000',
    help: 'time between heartbeats on every stream',
  },
  limits: {
    flag: 'limits',
    env: ['FANFARE_LIMITS'],
    kind: 'numbers',
    schema: limits,
    fallback: {},
    expected: 'limits by name, such as maxConnectionsPerUser=20, each within its range',
    help: 'what callers may cost: NAME=NUMBER, comma separated; docs/reference/limits.md lists them',
  },
  openMetrics: {
    flag: 'open-metrics',
    env: ['FANFARE_OPEN_METRICS'],
    kind: 'switch',
    schema: z.boolean(),
    fallback: false,
    expected: 'true or false',
    help: 'lets anybody read /metrics, and not only this machine and holders of the key',
  },
  transports: {
    flag: 'transports',
    env: ['FANFARE_TRANSPORTS'],
    kind: 'list',
    schema: z.array(z.enum(TRANSPORTS)).min(1).readonly(),
    fallback: TRANSPORTS,
    expected: `at least one of ${TRANSPORTS.join(', ')}`,
    help: 'wires that clients may use, comma separated',
  },
  warmUp: {
    flag: 'warm-up',
    env: ['FANFARE_WARM_UP'],
    kind: 'switch',
    schema: z.boolean(),
    fallback: true,
    expected: 'true or false',
    help: 'compiles the code that a crowd needs before the port is opened; --no-warm-up starts sooner',
  },
};
