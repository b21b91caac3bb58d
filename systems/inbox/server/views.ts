/** How the channels of the inbox look on the contract's own stream. Made once: every reader shares the same bytes. */
import { defineSseView, type SseView } from 'fanfare';

export const STREAM_LABEL = 'inbox';

/** `notification` (the object), `unread` {count} first on every connect, `read`, `preferences`, `ping`. */
export const inboxView: SseView = defineSseView({
  name: STREAM_LABEL,
  // A state's one event has no name of its own; here it is the count.
  event: ({ channel, event, dataJson }) => ({ event: channel.startsWith('inbox:') ? event : 'unread', dataJson }),
  snapshot: ({ dataJson }) => ({ event: 'unread', dataJson }),
  lost: ({ cause }) => ({ event: 'lost', dataJson: JSON.stringify({ cause }) }),
  heartbeat: ({ time }) => ({ event: 'ping', dataJson: JSON.stringify({ timestamp: time }) }),
});
