/** Hand-written decoder of what a client says [PROTOCOL §5.11]. It never throws, copies known fields only, and says what was wrong. */
import { type Fields, rule, secretRule } from './fields.ts';
import { CHANNEL, COUNT, invalidFrame, isCount, isString, POSITION, parseFields, readFields } from './frame-rules.ts';
import type { ClientFrame } from './frames.ts';
import { MAX_JSON_DEPTH } from './json-depth.ts';
import { describeValue, parseEventName, parseIdempotencyKey, parseKey, STATE_EVENT } from './names.ts';
import type { Problem, Result } from './result.ts';

/** A frame, or what is wrong with it and the `id` that its answer has to carry, when it has one. */
export type ClientFrameResult =
  | { readonly ok: true; readonly value: ClientFrame }
  | { readonly ok: false; readonly problem: Problem; readonly id?: number };

const PUBLISHED_EVENT = rule(
  'an event name that is not reserved',
  '',
  (value): value is string => value === STATE_EVENT || parseEventName(value).ok,
);
const KEY = rule('1 to 128 of A-Z a-z 0-9 _ . : ~ @ -', '', (value): value is string => parseKey(value).ok);
const IDEMPOTENCY_KEY = rule(
  '1 to 128 visible ASCII characters',
  '',
  (value): value is string => parseIdempotencyKey(value).ok,
);
const TOKEN = secretRule(
  '1 to 8192 visible ASCII characters',
  '',
  (value): value is string => isString(value) && /^[\x21-\x7e]{1,8192}$/.test(value),
);

/** `maxDepth`: levels of JSON. @default 32 */
export function decodeClientFrame(text: string, maxDepth: number = MAX_JSON_DEPTH): ClientFrameResult {
  return withId(parseFields(text, maxDepth, true));
}

/** The same of a value that was parsed, and whose depth was checked, with something around it. */
export function readClientFrame(value: unknown): ClientFrameResult {
  return withId(readFields(value));
}

function withId(fields: Result<Fields>): ClientFrameResult {
  if (!fields.ok) return fields;
  const frame = clientFrame(fields.value);
  const id = fields.value.raw('id');
  return frame.ok || !isCount(id) ? frame : { ...frame, id };
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
        ...fields.optional('key', KEY),
        ...fields.optional('idempotencyKey', IDEMPOTENCY_KEY),
      });
    }
    case 'auth':
      return fields.result({ type, ...fields.optional('id', COUNT), token: fields.required('token', TOKEN) });
    case 'ping':
      return fields.result({ type });
    default:
      return invalidFrame('subscribe, unsubscribe, publish, auth or ping', describeValue(type), 'type');
  }
}
