/** Hand-written decoders of both directions [PROTOCOL §5]. They never throw, copy known fields only, and say what was wrong. */
import { Fields, rule } from './fields.ts';
import type { Ack, ChannelKind, ClientFrame, EventFrame, ServerFrame } from './frames.ts';
import { jsonDepthWithin, MAX_JSON_DEPTH } from './json-depth.ts';
import { describeValue, isEventName, parseChannelName, parseEventName, parseIdempotencyKey } from './names.ts';
import type { GapCause } from './position.ts';
import { type Result, refuse } from './result.ts';

const isString = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isText = (value: unknown): value is string => isString(value) && value.length <= 4096;

const CHANNEL = rule('a channel name', '', (value): value is string => parseChannelName(value).ok);
const EVENT = rule('an event name', '', isEventName);
const PUBLISHED_EVENT = rule(
  'an event name that is not reserved',
  '',
  (value): value is string => parseEventName(value).ok,
);
const IDEMPOTENCY_KEY = rule(
  '1 to 128 visible ASCII characters',
  '',
  (value): value is string => parseIdempotencyKey(value).ok,
);
const STRING = rule('a string', '', isString);
const POSITION = rule('a string of at most 4096 characters', '', isText);
const COUNT = rule('a whole number from 0', 0, isCount);
const BOOLEAN = rule('true or false', false, (value): value is boolean => typeof value === 'boolean');
const KIND = oneOf<ChannelKind>('log', 'state', 'signal');
const ACK = oneOf<Ack>('accepted', 'committed', 'durable');
const CAUSE = oneOf<GapCause>('trimmed', 'ahead', 'epoch', 'invalid');

/** A server may hold payloads that code published in-process: readers take twice the depth that a request may have. */
const SERVER_FRAME_DEPTH = 2 * MAX_JSON_DEPTH;

export function decodeServerFrame(text: string): Result<ServerFrame> {
  return decode(text, SERVER_FRAME_DEPTH, serverFrame);
}

export function decodeClientFrame(text: string): Result<ClientFrame> {
  return decode(text, MAX_JSON_DEPTH, clientFrame);
}

function decode<T>(text: string, maxDepth: number, read: (fields: Fields) => Result<T>): Result<T> {
  if (!jsonDepthWithin(text, maxDepth)) return whole(`JSON nested at most ${maxDepth} levels deep`, 'deeper JSON');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return whole('JSON', describeValue(text));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return whole('an object', describeValue(value));
  return read(new Fields(value));
}

function serverFrame(fields: Fields): Result<ServerFrame> {
  const type = fields.raw('type');
  switch (type) {
    case 'event':
      return eventFrame(fields);
    case 'connected':
      return fields.result({
        type,
        connection: fields.required('connection', STRING),
        heartbeatMs: fields.required('heartbeatMs', COUNT),
      });
    case 'subscribed':
      return fields.result({
        type,
        channel: fields.required('channel', CHANNEL),
        kind: fields.required('kind', KIND),
        ...fields.optional('position', POSITION),
        ...fields.optional('recovered', BOOLEAN),
        ...fields.optional('cause', CAUSE),
      });
    case 'unsubscribed':
      return fields.result({
        type,
        channel: fields.required('channel', CHANNEL),
        code: fields.required('code', STRING),
        reason: fields.required('reason', STRING),
      });
    case 'heartbeat':
      return fields.result({ type, time: fields.required('time', COUNT) });
    case 'published':
      return fields.result({
        type,
        id: fields.required('id', COUNT),
        ...fields.optional('position', POSITION),
        duplicate: fields.required('duplicate', BOOLEAN),
        ack: fields.required('ack', ACK),
      });
    default:
      return endFrame(fields, type);
  }
}

/** The frames that say no. */
function endFrame(fields: Fields, type: unknown): Result<ServerFrame> {
  if (type === 'error') {
    const details = fields.raw('details');
    return fields.result({
      type,
      code: fields.required('code', STRING),
      message: fields.required('message', STRING),
      ...fields.optional('channel', CHANNEL),
      ...fields.optional('id', COUNT),
      ...fields.optional('retry', BOOLEAN),
      ...(details === undefined ? {} : { details }),
    });
  }
  if (type === 'close') {
    return fields.result({
      type,
      code: fields.required('code', COUNT),
      reason: fields.required('reason', STRING),
      reconnect: fields.required('reconnect', BOOLEAN),
      ...fields.optional('retryMs', COUNT),
    });
  }
  return whole('the type of a server frame', describeValue(type), 'type');
}

function eventFrame(fields: Fields): Result<EventFrame> {
  const data = fields.raw('data');
  if (data === undefined) fields.refuse('data', 'any JSON value', data);
  return fields.result({
    type: 'event',
    channel: fields.required('channel', CHANNEL),
    event: fields.required('event', EVENT),
    ...fields.optional('key', STRING),
    ...fields.optional('position', POSITION),
    data,
  });
}

function clientFrame(fields: Fields): Result<ClientFrame> {
  const type = fields.raw('type');
  switch (type) {
    case 'subscribe':
      return fields.result({
        type,
        ...fields.optional('id', COUNT),
        channel: fields.required('channel', CHANNEL),
        ...fields.optional('position', POSITION),
      });
    case 'unsubscribe':
      return fields.result({ type, ...fields.optional('id', COUNT), channel: fields.required('channel', CHANNEL) });
    case 'publish': {
      const data = fields.raw('data');
      if (data === undefined) fields.refuse('data', 'any JSON value', data);
      return fields.result({
        type,
        id: fields.required('id', COUNT),
        channel: fields.required('channel', CHANNEL),
        event: fields.required('event', PUBLISHED_EVENT),
        data,
        ...fields.optional('idempotencyKey', IDEMPOTENCY_KEY),
      });
    }
    case 'ping':
      return fields.result({ type });
    default:
      return whole('subscribe, unsubscribe, publish or ping', describeValue(type), 'type');
  }
}

function whole(expected: string, got: string, field = 'frame'): ReturnType<typeof refuse> {
  return refuse({ code: 'FRAME_INVALID', field, expected, got });
}

function oneOf<T extends string>(...values: readonly [T, ...T[]]): ReturnType<typeof rule<T>> {
  const known: ReadonlySet<unknown> = new Set(values);
  return rule<T>(values.join(' or '), values[0], (value): value is T => known.has(value));
}
