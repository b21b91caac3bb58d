/** How hub channels look in the messages of `/ws`. */
import { type ControlFrame, defineWebSocketView, type SocketEvent, type WebSocketView } from 'fanfare';
import { BROADCAST_EVENT, ROOM_EVENT, roomOf } from './channels.ts';

export interface SocketViewOptions {
  /** Clients that follow a channel of this server now. */
  readonly members: (channel: string) => number;
  /** Wall clock as ISO 8601. */
  readonly timestamp: () => string;
}

export function socketView(options: SocketViewOptions): WebSocketView {
  return defineWebSocketView({ name: 'rooms-ws', event: eventText, control: (frame) => controlText(frame, options) });
}

/** The payload was serialised once, when it was published: it is embedded as it is. */
function eventText({ channel, event, dataJson, position }: SocketEvent): string | undefined {
  const rest = dataJson.slice(1);
  if (event === BROADCAST_EVENT) return `{"type":"broadcast",${rest}`;
  const room = roomOf(channel);
  if (event !== ROOM_EVENT || room === undefined) return undefined;
  return `{"type":"room-message","room":"${room}","position":"${position}",${rest}`;
}

function controlText(frame: ControlFrame, { members, timestamp }: SocketViewOptions): string | undefined {
  switch (frame.type) {
    case 'subscribed': {
      const { channel, position, recovered, cause } = frame;
      const room = roomOf(channel);
      if (room === undefined) return undefined;
      const facts = { timestamp: timestamp(), members: members(channel), position };
      return JSON.stringify({ type: 'room-joined', room, ...facts, recovered, cause });
    }
    case 'unsubscribed': {
      const { channel, code, reason } = frame;
      const room = roomOf(channel);
      return room === undefined
        ? undefined
        : JSON.stringify({ type: 'room-left', room, timestamp: timestamp(), code, reason });
    }
    case 'error':
      return errorText(frame);
    default:
      return undefined;
  }
}

export function errorText({ code, message }: { readonly code: string; readonly message: string }): string {
  return JSON.stringify({ type: 'error', code, message });
}
