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
    return parseRequest(JSON.parse(text));
  } catch {
    return { refused: 'BAD_JSON' };
  }
}

/** A value that came with a `type`. Copies known fields only. */
export function parseRequest(value: unknown): Parsed {
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
