/** What the property tests draw from. */
import fc from 'fast-check';
import type { ChannelKind, ClientFrame, GapCause, Position, ServerFrame } from '../src/index.ts';
import { parseEventName, STATE_EVENT, TRANSPORTS } from '../src/index.ts';

export const literalSegment: fc.Arbitrary<string> = fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/);

export const channelName: fc.Arbitrary<string> = fc
  .array(literalSegment, { minLength: 1, maxLength: 5 })
  .map((segments) => segments.join(':'));

export const eventName: fc.Arbitrary<string> = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_.-]{0,20}$/)
  .filter((name) => parseEventName(name).ok);

export const epoch: fc.Arbitrary<string> = fc.stringMatching(/^[A-Za-z0-9]{1,16}$/);

export const position: fc.Arbitrary<Position> = fc.record({
  epoch,
  offset: fc.oneof(fc.nat(1000), fc.maxSafeNat(), fc.constant(Number.MAX_SAFE_INTEGER)),
});

/** Without -0, which JSON does not have. */
export const json: fc.Arbitrary<unknown> = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

const text = fc.string({ unit: 'binary', maxLength: 40 });
const count = fc.maxSafeNat();
const optional = { requiredKeys: ['type'] as const };
const transports = fc.subarray([...TRANSPORTS]);
const opaque = fc.stringMatching(/^[A-Za-z0-9._~-]{1,40}$/);

export const serverFrame: fc.Arbitrary<ServerFrame> = fc.oneof(
  fc.record(
    { type: fc.constant('connected' as const), connection: text, heartbeatMs: count, retryMs: count, transports },
    { requiredKeys: [...optional.requiredKeys, 'connection', 'heartbeatMs'] },
  ),
  fc.record({ type: fc.constant('transports' as const), transports }),
  fc.record({ type: fc.constant('authenticated' as const), id: count, subject: text }, { requiredKeys: ['type'] }),
  fc.record(
    {
      type: fc.constant('subscribed' as const),
      id: count,
      channel: channelName,
      kind: fc.constantFrom<ChannelKind>('log', 'state', 'signal'),
      position: opaque,
      recovered: fc.boolean(),
      cause: fc.constantFrom<GapCause>('trimmed', 'ahead', 'epoch', 'invalid'),
    },
    { requiredKeys: [...optional.requiredKeys, 'channel', 'kind'] },
  ),
  fc.record(
    {
      type: fc.constant('event' as const),
      channel: channelName,
      event: eventName,
      data: json,
      key: text.filter(Boolean),
      position: opaque,
    },
    { requiredKeys: [...optional.requiredKeys, 'channel', 'event', 'data'] },
  ),
  fc.record(
    { type: fc.constant('unsubscribed' as const), id: count, channel: channelName, code: text, reason: text },
    { requiredKeys: [...optional.requiredKeys, 'channel'] },
  ),
  fc.record({ type: fc.constant('heartbeat' as const), time: count }),
  fc.record(
    {
      type: fc.constant('error' as const),
      code: text,
      message: text,
      channel: channelName,
      id: count,
      retry: fc.boolean(),
      details: json,
    },
    { requiredKeys: [...optional.requiredKeys, 'code', 'message'] },
  ),
  fc.record(
    { type: fc.constant('close' as const), code: count, reason: text, reconnect: fc.boolean(), retryMs: count },
    { requiredKeys: [...optional.requiredKeys, 'code', 'reason', 'reconnect'] },
  ),
  fc.record(
    {
      type: fc.constant('published' as const),
      id: count,
      position: opaque,
      duplicate: fc.boolean(),
      ack: fc.constantFrom('accepted' as const, 'committed' as const, 'durable' as const),
    },
    { requiredKeys: [...optional.requiredKeys, 'id', 'duplicate', 'ack'] },
  ),
);

export const clientFrame: fc.Arbitrary<ClientFrame> = fc.oneof(
  fc.record(
    { type: fc.constant('subscribe' as const), id: count, channel: channelName, position: text },
    { requiredKeys: [...optional.requiredKeys, 'channel'] },
  ),
  fc.record(
    { type: fc.constant('unsubscribe' as const), id: count, channel: channelName },
    { requiredKeys: [...optional.requiredKeys, 'channel'] },
  ),
  fc.record(
    {
      type: fc.constant('publish' as const),
      id: count,
      channel: channelName,
      event: fc.oneof(eventName, fc.constant(STATE_EVENT)),
      data: json,
      key: fc.stringMatching(/^[A-Za-z0-9_.:~@-]{1,40}$/),
      idempotencyKey: fc.stringMatching(/^[\x21-\x7e]{1,40}$/),
    },
    { requiredKeys: [...optional.requiredKeys, 'id', 'channel', 'event', 'data'] },
  ),
  fc.record(
    { type: fc.constant('auth' as const), id: count, token: fc.stringMatching(/^[\x21-\x7e]{1,40}$/) },
    { requiredKeys: [...optional.requiredKeys, 'token'] },
  ),
  fc.record({ type: fc.constant('ping' as const) }),
);

/** Every character that means something to some SSE reader, between ordinary ones. */
export const nastyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r', '\n', '\r\n', '\0', ':', ' ', '\uFEFF', '\u2028', '\u2029', '\u0085', '\v', '\f'),
      fc.constantFrom('data: x', 'id: 9', 'event: close', 'retry: 1', '\n\n', '\r\r'),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** Where to cut. */
export const places: fc.Arbitrary<number[]> = fc.array(fc.nat(100_000), { maxLength: 40 });

/** Cuts a sequence into pieces at any places, empty pieces included. */
export function cut<T>(
  whole: { readonly length: number; slice(from: number, to?: number): T },
  at: readonly number[],
): T[] {
  const cuts = at.map((place) => place % (whole.length + 1)).sort((left, right) => left - right);
  return [0, ...cuts].map((from, index) => whole.slice(from, cuts[index] ?? whole.length));
}
