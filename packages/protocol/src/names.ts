/** The names that come from outside: channels, events, keys, idempotency keys [PROTOCOL §2]. Each parser is the only way in. */
import { accept, type Problem, type Result, refuse } from './result.ts';

/** Characters, all of them ASCII. */
export const MAX_CHANNEL_NAME_LENGTH = 128;

/** The one event of a state channel. */
export const STATE_EVENT = 'state';

/** Event names that a stream uses for itself, or that EventSource fires by itself [§2.2]. */
export const RESERVED_EVENT_NAMES: ReadonlySet<string> = new Set([
  'connected',
  'subscribed',
  'recovered',
  'lost',
  'unsubscribed',
  'heartbeat',
  'error',
  'close',
  'open',
  'message',
  'published',
  'authenticated',
  'transports',
  STATE_EVENT,
]);

// None of these classes holds a character that means something to an engine (* > { } space), a URL, a header or SSE.
const CHANNEL = /^[A-Za-z0-9_-]+(?::[A-Za-z0-9_-]+)*$/;
const EVENT = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const KEY = /^[A-Za-z0-9_.:~@-]{1,128}$/;
const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

/** A channel name: 1 to 128 characters, segments of `[A-Za-z0-9_-]` joined by `:` [§2.1]. */
export function parseChannelName(input: unknown): Result<string> {
  return typeof input === 'string' && input.length <= MAX_CHANNEL_NAME_LENGTH && CHANNEL.test(input)
    ? accept(input)
    : refuse(
        problem(
          'CHANNEL_NAME_INVALID',
          'channel',
          'segments of A-Z a-z 0-9 _ - joined by ":", at most 128 characters',
          input,
        ),
      );
}

/** An event name that a channel may declare and a publisher may use [§2.2]. */
export function parseEventName(input: unknown): Result<string> {
  if (!isEventName(input)) {
    return refuse(problem('EVENT_NAME_INVALID', 'event', 'a letter, then at most 63 of A-Z a-z 0-9 _ . -', input));
  }
  return RESERVED_EVENT_NAMES.has(input)
    ? refuse(problem('EVENT_NAME_RESERVED', 'event', 'a name that streams do not use themselves', input))
    : accept(input);
}

/** Has the form of an event name; reserved or not. */
export function isEventName(input: unknown): input is string {
  return typeof input === 'string' && EVENT.test(input);
}

/** Which of many values, on a keyed state channel [§2.3]. */
export function parseKey(input: unknown): Result<string> {
  return typeof input === 'string' && KEY.test(input)
    ? accept(input)
    : refuse(problem('KEY_INVALID', 'key', '1 to 128 of A-Z a-z 0-9 _ . : ~ @ -', input));
}

/** What makes a publish happen once [§2.4]. */
export function parseIdempotencyKey(input: unknown): Result<string> {
  return typeof input === 'string' && IDEMPOTENCY_KEY.test(input)
    ? accept(input)
    : refuse(problem('IDEMPOTENCY_KEY_INVALID', 'idempotencyKey', '1 to 128 visible ASCII characters', input));
}

/** What a value is, for the `got` of a problem: short, and safe to print whatever it holds. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value);
}

function problem(code: string, field: string, expected: string, input: unknown): Problem {
  return { code, field, expected, got: describeValue(input) };
}
