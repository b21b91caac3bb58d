/** What a channel *is*: `log`, `state` and `signal` make the definitions of a channel map. */
import { describeValue, parseEventName } from '@fanfare/protocol';
import { type AccessRule, isAccessRule } from '../auth/access.ts';
import type { Retention } from '../core/index.ts';
import { checkOptions, isFunction, isRecord, type OptionRule, type OptionRules } from './options-check.ts';
import type { StandardSchema } from './standard-schema.ts';

/** Payload schema by event name. */
export type EventSchemas = Readonly<Record<string, StandardSchema>>;

/** How long a log keeps its events. Whichever bound is reached first counts; a bound left out does not bind. */
export type Keep = 'forever' | { readonly count?: number; readonly days?: number; readonly hours?: number };

interface CommonOptions {
  /** Subscribers at a time; the next is told TOO_MANY_CONNECTIONS and to retry. @default 10000 */
  readonly maxSubscribers?: number;
  /** Who may do what, from outside. A plain rule is about reading; publishing is allowed by name. @default what `authorize` says, else nobody */
  readonly access?: AccessRule;
}

/** Options of `log()`. */
export interface LogOptions<E extends EventSchemas> extends CommonOptions {
  /** The events that may be published, each with the schema of its payload. @default any event, any payload */
  readonly events?: E;
  /** @default { count: 1000, days: 1 } */
  readonly keep?: Keep;
}

/** Options of `state()`. */
export interface StateOptions<S extends StandardSchema> extends CommonOptions {
  /** Schema of the value. @default any JSON value */
  readonly schema?: S;
  /** Least time between two updates of one subscriber, per key; the last value always arrives. @default 0 */
  readonly minIntervalMs?: number;
}

/** Options of `signal()`. */
export interface SignalOptions<E extends EventSchemas> extends CommonOptions {
  /** The events that may be published, each with the schema of its payload. @default any event, any payload */
  readonly events?: E;
}

interface CommonDefinition {
  readonly maxSubscribers: number;
  readonly minIntervalMs: number;
  readonly retention: Retention;
  readonly access: AccessRule | undefined;
}

/** Made by `log()`. */
export interface LogDefinition<E extends EventSchemas = EventSchemas> extends CommonDefinition {
  readonly kind: 'log';
  readonly events: E | undefined;
}

/** Made by `state()`. */
export interface StateDefinition<S extends StandardSchema = StandardSchema> extends CommonDefinition {
  readonly kind: 'state';
  readonly schema: S | undefined;
}

/** Made by `signal()`. */
export interface SignalDefinition<E extends EventSchemas = EventSchemas> extends CommonDefinition {
  readonly kind: 'signal';
  readonly events: E | undefined;
}

/** One entry of a channel map. */
export type ChannelDefinition = LogDefinition | StateDefinition | SignalDefinition;

const HOUR_MS = 3_600_000;
const DEFAULT_KEEP: Keep = { count: 1000, days: 1 };
const DEFAULT_MAX_SUBSCRIBERS = 10_000;

const NUMBER: OptionRule = { expected: 'a number', fits: (value) => typeof value === 'number' };
const COMMON_RULES: OptionRules<CommonOptions> = {
  maxSubscribers: NUMBER,
  access: {
    expected:
      "'public' or a function that decides: ({ identity }) => ({ allow: true }), or such by action: { subscribe, publish }",
    fits: isAccessRule,
  },
};
const EVENTS: OptionRule = { expected: 'schemas by event name, such as { said: Message }', fits: isRecord };
const LOG_RULES: OptionRules<LogOptions<EventSchemas>> = {
  events: EVENTS,
  keep: { expected: "{ count, days, hours } or 'forever'", fits: (value) => value === 'forever' || isRecord(value) },
  ...COMMON_RULES,
};
const SCHEMA: OptionRule = {
  expected: 'a Standard Schema (zod, valibot, arktype, or type<T>())',
  fits: (value) => (isRecord(value) || isFunction(value)) && isRecord(Object(value)['~standard']),
};
const STATE_RULES: OptionRules<StateOptions<StandardSchema>> = {
  schema: SCHEMA,
  minIntervalMs: NUMBER,
  ...COMMON_RULES,
};
const SIGNAL_RULES: OptionRules<SignalOptions<EventSchemas>> = { events: EVENTS, ...COMMON_RULES };
const KEEP_RULES: OptionRules<Exclude<Keep, 'forever'>> = { count: NUMBER, days: NUMBER, hours: NUMBER };

/**
 * Every event matters, in order. A client that comes back gets all it missed, or is told that it cannot.
 * Throws a TypeError on an option that makes no sense.
 */
export function log<E extends EventSchemas = EventSchemas>(options: LogOptions<E> = {}): LogDefinition<E> {
  checkOptions({ owner: 'log()', options, rules: LOG_RULES });
  checkEvents(options.events);
  const retention = retentionOf(options.keep ?? DEFAULT_KEEP);
  return { kind: 'log', events: options.events, minIntervalMs: 0, retention, ...common(options) };
}

/** Only the newest value matters (optionally per key). A subscriber gets it at once, and always ends on the newest. */
export function state<S extends StandardSchema = StandardSchema>(options: StateOptions<S> = {}): StateDefinition<S> {
  checkOptions({ owner: 'state()', options, rules: STATE_RULES });
  const minIntervalMs = bounded('minIntervalMs', options.minIntervalMs ?? 0, 0);
  return { kind: 'state', schema: options.schema, minIntervalMs, retention: { kind: 'newest' }, ...common(options) };
}

/** Worth nothing a second later: never kept, never replayed, dropped first where a reader is slow. */
export function signal<E extends EventSchemas = EventSchemas>(options: SignalOptions<E> = {}): SignalDefinition<E> {
  checkOptions({ owner: 'signal()', options, rules: SIGNAL_RULES });
  checkEvents(options.events);
  const retention: Retention = { kind: 'window', count: 0 };
  return { kind: 'signal', events: options.events, minIntervalMs: 0, retention, ...common(options) };
}

function common(options: CommonOptions): Pick<CommonDefinition, 'maxSubscribers' | 'access'> {
  const maxSubscribers = bounded('maxSubscribers', options.maxSubscribers ?? DEFAULT_MAX_SUBSCRIBERS, 1);
  return { maxSubscribers, access: options.access };
}

function retentionOf(keep: Keep): Retention {
  if (keep === 'forever') return { kind: 'window' };
  checkOptions({ owner: 'keep', options: keep, rules: KEEP_RULES });
  const { count, days, hours } = keep;
  if (count === undefined && days === undefined && hours === undefined) {
    throw new TypeError("keep: expected count, days or hours, or 'forever'; got none of them.");
  }
  const limits: { count?: number; ageMs?: number } = {};
  if (count !== undefined) limits.count = bounded('keep.count', count, 1);
  if (days !== undefined || hours !== undefined) {
    limits.ageMs = HOUR_MS * bounded('keep, in hours', 24 * (days ?? 0) + (hours ?? 0), 1 / 60);
  }
  return { kind: 'window', ...limits };
}

function checkEvents(events: EventSchemas | undefined): void {
  for (const [name, schema] of Object.entries(events ?? {})) {
    const parsed = parseEventName(name);
    if (!parsed.ok) throw new TypeError(`events: expected ${parsed.problem.expected}, got ${parsed.problem.got}.`);
    if (SCHEMA.fits(schema)) continue;
    throw new TypeError(`events: ${name}: expected ${SCHEMA.expected}, got ${describeValue(schema)}.`);
  }
}

function bounded(field: string, value: number, least: number): number {
  if (Number.isFinite(value) && value >= least) return value;
  throw new TypeError(`${field}: expected a number of at least ${least}, got ${String(value)}.`);
}
