/** The wire format of /live/ws: every frame of the protocol is one text message, the same bytes for every connection. */
import { encodeFrame } from '@fanfare/protocol';
import type { Encoding } from '../../core/index.ts';
import { eventJson } from '../event-json.ts';
import { PING, textMessage } from './frame-bytes.ts';

export const webSocketMessages: Encoding = {
  name: 'ws',
  event: (event) => textMessage(eventJson(event)),
  control: (frame) => {
    const message = textMessage(encodeFrame(frame));
    // A page cannot see a ping, and cannot help answering it: the heartbeat is for the one side, the ping for the other.
    return frame.type === 'heartbeat' ? Buffer.concat([message, PING]) : message;
  },
};
