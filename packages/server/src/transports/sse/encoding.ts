/** The wire formats of /live/sse [PROTOCOL §6.2]: every frame is one SSE event whose data is the frame's JSON. */
import {
  type ControlFrame,
  encodeFrame,
  encodeSseEnd,
  encodeSseRetry,
  encodeSseStart,
  sseEventName,
} from '@fanfare/protocol';
import type { Encoding, StoredEvent } from '../../core/index.ts';
import { eventJson, positionOf } from '../event-json.ts';
import { sharedHeartbeat } from '../shared-heartbeat.ts';

/** Streams of many channels: the event is shared, the compound cursor of the connection ends it. */
export const manyChannelsSse: Encoding = {
  name: 'sse-many',
  event: (event) => Buffer.from(eventStart(event)),
  trailer: (cursor) => Buffer.from(encodeSseEnd(cursor), 'latin1'),
  control: (frame, facts) => controlBytes(frame, facts.cursor),
};

/** Streams of one channel: the position is the id, so the whole block is shared by all its readers. */
export const oneChannelSse: Encoding = {
  name: 'sse',
  event: (event) => Buffer.from(eventStart(event) + encodeSseEnd(positionOf(event) ?? '')),
  control: (frame, facts) => controlBytes(frame, facts.cursor),
  many: manyChannelsSse,
};

/** For clients that keep positions themselves: no block carries an id, and all of them are shared by all readers. */
export const plainSse: Encoding = {
  name: 'sse-plain',
  event: (event) => Buffer.from(eventStart(event) + encodeSseEnd('')),
  control: (frame) => controlBytes(frame, ''),
};

function eventStart(event: StoredEvent): string {
  return encodeSseStart({ event: event.event, data: eventJson(event) });
}

const heartbeat = sharedHeartbeat((frame) =>
  Buffer.from(encodeSseStart({ event: sseEventName(frame), data: encodeFrame(frame) }) + encodeSseEnd('')),
);

function controlBytes(frame: ControlFrame, cursor: string): Uint8Array {
  if (frame.type === 'heartbeat') return heartbeat(frame);
  const retry = frame.type === 'close' && frame.retryMs !== undefined ? encodeSseRetry(frame.retryMs) : '';
  const id = tellsPosition(frame) ? cursor : '';
  return Buffer.from(
    retry + encodeSseStart({ event: sseEventName(frame), data: encodeFrame(frame) }) + encodeSseEnd(id),
  );
}

/** Frames that move where a client stands, or confirm it. The others leave its Last-Event-ID alone. */
function tellsPosition(frame: ControlFrame): boolean {
  return frame.type === 'connected' || frame.type === 'subscribed' || frame.type === 'unsubscribed';
}
