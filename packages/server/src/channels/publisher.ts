/** Every way into a channel leads through here: name, kind, event, keys and payload are checked before the hub sees them. */
import {
  type Ack,
  encodePosition,
  parseEventName,
  parseIdempotencyKey,
  parseKey,
  type Result,
  STATE_EVENT,
} from '@fanfare/protocol';
import type { AppendRequest, Hub } from '../core/index.ts';
import type { ChannelDefinition } from './channel-definitions.ts';
import { errorOf, FanfareError, unavailableAsError } from './fanfare-error.ts';
import type { OpenChannels } from './open-channels.ts';
import { DEFAULT_PAYLOAD_BOUNDS, type PayloadBounds, PayloadEncoder } from './payload.ts';
import type { StandardSchema } from './standard-schema.ts';

export interface PublishRequest {
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  /** Publishing again with the same key answers with the first position and stores nothing. 1..128 visible ASCII. */
  readonly idempotencyKey?: string | undefined;
}

export interface SetRequest {
  readonly channel: string;
  readonly data: unknown;
  /** Which of many values: 1..128 of A-Z a-z 0-9 _ . : ~ @ -. @default the one value without a key */
  readonly key?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** The event is stored where `position` says, as safely as `ack` says. */
export interface PublishReceipt {
  readonly position: string;
  readonly duplicate: boolean;
  readonly ack: Ack;
}

/** A signal went to whoever listens now; it has no position. */
export interface SignalReceipt {
  readonly position?: undefined;
  readonly duplicate: false;
  readonly ack: 'accepted';
}

const SIGNAL_RECEIPT: SignalReceipt = { duplicate: false, ack: 'accepted' };

type Address = Pick<AppendRequest, 'channel' | 'key' | 'idempotencyKey'>;

export class Publisher {
  readonly #channels: OpenChannels;
  readonly #hub: Hub;
  readonly #payloads: PayloadEncoder;

  /** `bounds`: of one payload. @default 64 KiB, 32 levels */
  constructor(channels: OpenChannels, hub: Hub, bounds: PayloadBounds = DEFAULT_PAYLOAD_BOUNDS) {
    this.#channels = channels;
    this.#hub = hub;
    this.#payloads = new PayloadEncoder(bounds);
  }

  /** Log and signal channels. Rejects with a FanfareError; then nothing was stored, unless its code is OUTCOME_UNKNOWN. */
  async publish(request: PublishRequest): Promise<PublishReceipt | SignalReceipt> {
    const definition = this.#channels.definition(request.channel);
    const schema = eventSchema(definition, request);
    const to = address(request);
    const json = this.#payloads.encode(schema, request.data);
    // No turn is given away where none is needed: publishes of one turn reach the hub in the order of their calls.
    const checked = { ...to, event: request.event, dataJson: typeof json === 'string' ? json : await json };
    if (definition.kind !== 'signal') return this.#append(checked);
    this.#hub.broadcast(checked);
    return SIGNAL_RECEIPT;
  }

  /** State channels: this is the value from now on. */
  async set(request: SetRequest): Promise<PublishReceipt> {
    const schema = valueSchema(this.#channels.definition(request.channel), request);
    const to = address(request);
    const json = this.#payloads.encode(schema, request.data);
    return this.#append({ ...to, event: STATE_EVENT, dataJson: typeof json === 'string' ? json : await json });
  }

  /** The append of a publish, for an engine's transaction. Throws what `publish` would reject with; signals have none. */
  preparePublish(request: PublishRequest): AppendRequest {
    const definition = this.#channels.definition(request.channel);
    const schema = eventSchema(definition, request);
    if (definition.kind === 'signal') throw kindMismatch(request.channel, 'a log channel', definition);
    const dataJson = this.#payloads.encodeSync(schema, request.data);
    return { ...address(request), event: request.event, dataJson, retention: definition.retention };
  }

  /** The append of a set, for an engine's transaction. */
  prepareSet(request: SetRequest): AppendRequest {
    const definition = this.#channels.definition(request.channel);
    const dataJson = this.#payloads.encodeSync(valueSchema(definition, request), request.data);
    return { ...address(request), event: STATE_EVENT, dataJson, retention: definition.retention };
  }

  async #append(checked: Omit<AppendRequest, 'retention'>): Promise<PublishReceipt> {
    const { position, duplicate, ack } = await unavailableAsError(this.#hub.append(checked));
    return { position: encodePosition(position), duplicate, ack };
  }
}

/** The schema of an event that the channel declares; undefined: the channel takes any event. */
function eventSchema(definition: ChannelDefinition, request: PublishRequest): StandardSchema | undefined {
  if (definition.kind === 'state') throw kindMismatch(request.channel, 'a log or signal channel', definition);
  const event = valid(parseEventName(request.event));
  if (definition.events === undefined) return undefined;
  const schema = Object.hasOwn(definition.events, event) ? definition.events[event] : undefined;
  if (schema !== undefined) return schema;
  const expected = Object.keys(definition.events).join(', ');
  throw new FanfareError('EVENT_UNKNOWN', { details: { field: 'event', expected, got: event } });
}

function valueSchema(definition: ChannelDefinition, request: SetRequest): StandardSchema | undefined {
  if (definition.kind !== 'state') throw kindMismatch(request.channel, 'a state channel', definition);
  return definition.schema;
}

/** Where it goes and under which keys. */
function address(request: Pick<SetRequest, 'channel' | 'key' | 'idempotencyKey'>): Address {
  const { channel, key, idempotencyKey } = request;
  const checked = { channel, key: key === undefined ? '' : valid(parseKey(key)) };
  return idempotencyKey === undefined
    ? checked
    : { ...checked, idempotencyKey: valid(parseIdempotencyKey(idempotencyKey)) };
}

function valid<T>(parsed: Result<T>): T {
  if (!parsed.ok) throw errorOf(parsed.problem);
  return parsed.value;
}

function kindMismatch(channel: string, expected: string, definition: ChannelDefinition): FanfareError {
  return new FanfareError('CHANNEL_KIND_MISMATCH', { details: { channel, expected, got: definition.kind } });
}
