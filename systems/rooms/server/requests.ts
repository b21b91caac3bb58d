/** What a client may ask, over either protocol, as checked values. Written by hand: it runs for every message. */
import { jsonDepthWithin, MAX_JSON_DEPTH } from 'fanfare/http';
import { isRoomName } from './channels.ts';
import type { RoomsRefusal } from './refusals.ts';

export type RoomsRequest =
  | { readonly type: 'ping' }
  | { readonly type: 'echo'; readonly message: unknown }
  | { readonly type: 'broadcast'; readonly message: unknown }
  | { readonly type: 'join-room'; readonly room: string; readonly since?: string }
  | { readonly type: 'leave-room'; readonly room: string }
  | { readonly type: 'room-message'; readonly room: string; readonly message: unknown };

export type Parsed = RoomsRequest | { readonly refused: RoomsRefusal };

/** A position as the hub writes it; a compound one, as Socket.IO clients have it, too. */
const POSITION = /^[A-Za-z0-9._~-]{1,4096}$/;

/** One text message. Never throws. */
export function parseText(text: string): Parsed {
  if (!jsonDepthWithin(text, MAX_JSON_DEPTH)) return { refused: 'TOO_DEEP' };
  try {
    const value: unknown = JSON.parse(text);
    const fault = MAY_BE_INFINITE.test(text) ? faultOf(value, MAX_JSON_DEPTH) : undefined;
    return fault === undefined ? parseRequest(value) : { refused: fault };
  } catch {
    return { refused: 'BAD_JSON' };
  }
}

/** `1e999` is a number of JSON, and Infinity to whoever reads it, which nobody can pass on. Texts without such digits pay one scan. */
const MAY_BE_INFINITE = /[eE]\+?\d{2}|\d{300}/;

/** An event of Socket.IO: its name is the type. Never throws. */
export function parseEvent(type: string, [payload]: readonly unknown[]): Parsed {
  const fault = faultOf(payload, MAX_JSON_DEPTH);
  if (fault !== undefined) return { refused: fault };
  const isObject = typeof payload === 'object' && payload !== null && !Array.isArray(payload);
  if (type === 'join-room' || type === 'leave-room') {
    // `emit('join-room', 'dashboard')` is what most people write.
    return parseRequest({ ...(isObject ? payload : { room: payload }), type });
  }
  if (type === 'echo' || type === 'broadcast') {
    return parseRequest({ ...(isObject && Object.hasOwn(payload, 'message') ? payload : { message: payload }), type });
  }
  return parseRequest({ ...(isObject ? payload : {}), type });
}

/** What of a parsed value is no JSON of ours: too many levels, binary data, or a number that no JSON is written with. */
function faultOf(value: unknown, levels: number): RoomsRefusal | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'NUMBER_TOO_LARGE';
  if (typeof value !== 'object' || value === null) return undefined;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return 'TEXT_EXPECTED';
  if (levels === 0) return 'TOO_DEEP';
  for (const part of Object.values(value)) {
    const fault = faultOf(part, levels - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** A value that came with a `type`. Copies known fields only. */
function parseRequest(value: unknown): Parsed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { refused: 'BAD_MESSAGE' };
  const type = own(value, 'type');
  if (typeof type !== 'string') return { refused: 'BAD_MESSAGE' };
  switch (type) {
    case 'ping':
      return { type };
    case 'echo':
    case 'broadcast':
      return withMessage(value, (message) => ({ type, message }));
    case 'room-message':
      return withRoom(value, (room) => withMessage(value, (message) => ({ type, room, message })));
    case 'leave-room':
      return withRoom(value, (room) => ({ type, room }));
    case 'join-room':
      return withRoom(value, (room) => {
        const since = own(value, 'since');
        if (since === undefined || since === null) return { type, room };
        return typeof since === 'string' && POSITION.test(since)
          ? { type, room, since }
          : { refused: 'POSITION_INVALID' };
      });
    default:
      return { refused: 'UNKNOWN_TYPE' };
  }
}

function withRoom(value: object, then: (room: string) => Parsed): Parsed {
  const room = own(value, 'room');
  return isRoomName(room) ? then(room) : { refused: 'ROOM_NAME_INVALID' };
}

/** Any JSON, null too; not nothing. */
function withMessage(value: object, then: (message: unknown) => Parsed): Parsed {
  const message = own(value, 'message');
  return message === undefined ? { refused: 'FIELD_MISSING' } : then(message);
}

/** Never what every object inherits. */
function own(value: object, name: string): unknown {
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}
