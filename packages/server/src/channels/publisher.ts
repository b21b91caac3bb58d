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
import type { Appended, AppendRequest, Hub } from '../core/index.ts';
import type { ChannelDefinition } from './channel-definitions.ts';
import { errorOf, FanfareError, refuseUnavailable } from './fanfare-error.ts';
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
  /** Of the event; where a publish was repeated, of its first copy. */
  readonly position: string;
  /** The idempotency key was known: nothing was stored by this call. */
  readonly duplicate: boolean;
  /** How safe it is: `accepted` (in memory), `committed` (survives `kill -9`), `durable` (on disk). */
  readonly ack: Ack;
}

/** A signal went to whoever listens now; it has no position. */
export interface SignalReceipt {
  readonly position?: undefined;
  readonly duplicate: false;
  readonly ack: 'accepted';
}

const SIGNALLED: Promise<SignalReceipt> = Promise.resolve({ duplicate: false, ack: 'accepted' });

/** Where an event goes: an append without its payload, which may be checked by a schema that takes its time. */
type Address = Omit<AppendRequest, 'dataJson'>;

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

  // The two verbs are promises by hand: an async function costs a third of a publish. No turn is given away where none is
  // needed: publishes of one turn reach the hub in the order of their calls.

  /** Log and signal channels. Rejects with a FanfareError; then nothing was stored, unless its code is OUTCOME_UNKNOWN. */
  publish(request: PublishRequest): Promise<PublishReceipt | SignalReceipt> {
    try {
      const definition = this.#channels.definition(request.channel);
      const json = this.#payloads.encode(eventSchema(definition, request), request.data);
      const to = address(definition, request, request.event);
      if (definition.kind === 'signal') {
        return typeof json === 'string' ? this.#broadcast(to, json) : json.then((late) => this.#broadcast(to, late));
      }
      return typeof json === 'string' ? this.#append(to, json) : json.then((late) => this.#append(to, late));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** State channels: this is the value from now on. */
  set(request: SetRequest): Promise<PublishReceipt> {
    try {
      const definition = this.#channels.definition(request.channel);
      const json = this.#payloads.encode(valueSchema(definition, request), request.data);
      const to = address(definition, request, STATE_EVENT);
      return typeof json === 'string' ? this.#append(to, json) : json.then((late) => this.#append(to, late));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The append of a publish, for an engine's transaction. Throws what `publish` would reject with; signals have none. */
  preparePublish(request: PublishRequest): AppendRequest {
    const definition = this.#channels.definition(request.channel);
    const schema = eventSchema(definition, request);
    if (definition.kind === 'signal') throw kindMismatch(request.channel, 'a log channel', definition);
    const dataJson = this.#payloads.encodeSync(schema, request.data);
    return append(address(definition, request, request.event), dataJson);
  }

  /** The append of a set, for an engine's transaction. */
  prepareSet(request: SetRequest): AppendRequest {
    const definition = this.#channels.definition(request.channel);
    const dataJson = this.#payloads.encodeSync(valueSchema(definition, request), request.data);
    return append(address(definition, request, STATE_EVENT), dataJson);
  }

  #append(to: Address, dataJson: string): Promise<PublishReceipt> {
    return this.#hub.append(append(to, dataJson)).then(receiptOf, refuseUnavailable);
  }

  #broadcast({ channel, event }: Address, dataJson: string): Promise<SignalReceipt> {
    this.#hub.broadcast({ channel, event, dataJson });
    return SIGNALLED;
  }
}

function receiptOf({ position, duplicate, ack }: Appended): PublishReceipt {
  return { position: encodePosition(position), duplicate, ack };
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

function address(
  { retention }: ChannelDefinition,
  { channel, key, idempotencyKey }: Pick<SetRequest, 'channel' | 'key' | 'idempotencyKey'>,
  event: string,
): Address {
  return {
    channel,
    event,
    key: key === undefined ? '' : valid(parseKey(key)),
    retention,
    idempotencyKey: idempotencyKey === undefined ? undefined : valid(parseIdempotencyKey(idempotencyKey)),
  };
}

/** Written out: a spread costs as much as all of it. */
function append({ channel, event, key, retention, idempotencyKey }: Address, dataJson: string): AppendRequest {
  return { channel, event, dataJson, key, retention, idempotencyKey };
}

function valid<T>(parsed: Result<T>): T {
  if (!parsed.ok) throw errorOf(parsed.problem);
  return parsed.value;
}

function kindMismatch(channel: string, expected: string, definition: ChannelDefinition): FanfareError {
  return new FanfareError('CHANNEL_KIND_MISMATCH', { details: { channel, expected, got: definition.kind } });
}
