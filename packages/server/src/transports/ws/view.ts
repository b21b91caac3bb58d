/** A system's own way to show hub channels in the messages of a WebSocket. Made once per kind of path, as an SSE view is. */
import type { ControlFrame } from '@fanfare/protocol';
import type { Encoding } from '../../core/index.ts';
import { positionOf } from '../event-json.ts';
import type { ViewedEvent } from '../sse/view.ts';
import { PING_MESSAGE, textMessage } from './encoding.ts';

/** An event of a hub channel, as a view sees it. `dataJson` is serialised already. */
export interface SocketEvent extends ViewedEvent {
  /** Where a client that comes back goes on; undefined: a signal. */
  readonly position: string | undefined;
}

/** Each function returns the text of one message, or undefined to show nothing. Pure: its bytes go to every reader. */
export interface WebSocketViewOptions {
  /** What lists of connections call these. */
  readonly name: string;
  event(event: SocketEvent): string | undefined;
  /**
   * Every other frame of PROTOCOL §5, in its place among the events: `subscribed` before the first event of its channel.
   * @default nothing is shown
   */
  control?(frame: ControlFrame): string | undefined;
}

/** Made by `defineWebSocketView`. */
export interface WebSocketView {
  readonly name: string;
  readonly encoding: Encoding;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** Makes the view of a WebSocket path. A function of it that throws ends every connection that was to be shown what it threw at, with `internal`. */
export function defineWebSocketView(options: WebSocketViewOptions): WebSocketView {
  const { name } = options;
  const encoding: Encoding = {
    name,
    event: (event) => message(options.event({ position: positionOf(event), ...event })),
    control: (frame) => {
      const shown = message(options.control?.(frame));
      // Every WebSocket answers a ping by itself: that is how a peer is heard that has nothing to say.
      return frame.type === 'heartbeat' ? Buffer.concat([shown, PING_MESSAGE]) : shown;
    },
  };
  return { name, encoding };
}

function message(text: string | undefined): Uint8Array {
  return text === undefined ? NOTHING : textMessage(text);
}
