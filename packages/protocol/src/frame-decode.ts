/** Hand-written decoder of what a server says [PROTOCOL §5]. It never throws, copies known fields only, and says what was wrong. */
import { type Fields, rule } from './fields.ts';
import { CHANNEL, COUNT, invalidFrame, POSITION, parseFields, STRING } from './frame-rules.ts';
import type { Ack, ChannelKind, EventFrame, ServerFrame } from './frames.ts';
import { MAX_JSON_DEPTH } from './json-depth.ts';
import { describeValue, isEventName } from './names.ts';
import type { GapCause } from './position.ts';
import type { Result } from './result.ts';
import { isTransportName, type TransportName } from './transports.ts';

const EVENT = rule('an event name', '', isEventName);
const BOOLEAN = rule('true or false', false, (value): value is boolean => typeof value === 'boolean');
const KIND = oneOf<ChannelKind>('log', 'state', 'signal');
const ACK = oneOf<Ack>('accepted', 'committed', 'durable');
const CAUSE = oneOf<GapCause>('trimmed', 'ahead', 'epoch', 'invalid');
const LIST = rule<readonly unknown[]>('an array', [], Array.isArray);

/** A server may hold payloads that code published in-process: readers take twice the depth that a request may have. */
const SERVER_FRAME_DEPTH = 2 * MAX_JSON_DEPTH;

/** Names of transports that this version does not know are left out; every other unknown value of a known field is refused. */
export function decodeServerFrame(text: string): Result<ServerFrame> {
  const fields = parseFields(text, SERVER_FRAME_DEPTH);
  return fields.ok ? serverFrame(fields.value) : fields;
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
        ...fields.optional('retryMs', COUNT),
        ...(fields.raw('transports') !== undefined && transports(fields)),
      });
    case 'subscribed':
      return fields.result({
        type,
        ...fields.optional('id', COUNT),
        channel: fields.required('channel', CHANNEL),
        kind: fields.required('kind', KIND),
        ...fields.optional('position', POSITION),
        ...fields.optional('recovered', BOOLEAN),
        ...fields.optional('cause', CAUSE),
      });
    case 'heartbeat':
      return fields.result({ type, time: fields.required('time', COUNT) });
    case 'transports':
      return fields.result({ type, ...transports(fields) });
    default:
      return answerFrame(fields, type);
  }
}

/** The frames that answer a command; an `unsubscribed` may also come by itself. */
function answerFrame(fields: Fields, type: unknown): Result<ServerFrame> {
  switch (type) {
    case 'unsubscribed':
      return fields.result({
        type,
        ...fields.optional('id', COUNT),
        channel: fields.required('channel', CHANNEL),
        ...fields.optional('code', STRING),
        ...fields.optional('reason', STRING),
      });
    case 'published':
      return fields.result({
        type,
        id: fields.required('id', COUNT),
        ...fields.optional('position', POSITION),
        duplicate: fields.required('duplicate', BOOLEAN),
        ack: fields.required('ack', ACK),
      });
    case 'authenticated':
      return fields.result({ type, ...fields.optional('id', COUNT), ...fields.optional('subject', STRING) });
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
  return invalidFrame('the type of a server frame', describeValue(type), 'type');
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

/** Names that this version does not know are left out: a newer server may speak more wires. */
function transports(fields: Fields): { readonly transports: readonly TransportName[] } {
  return { transports: fields.required('transports', LIST).filter(isTransportName) };
}

function oneOf<T extends string>(...values: readonly [T, ...T[]]): ReturnType<typeof rule<T>> {
  const known: ReadonlySet<unknown> = new Set(values);
  return rule<T>(values.join(' or '), values[0], (value): value is T => known.has(value));
}
