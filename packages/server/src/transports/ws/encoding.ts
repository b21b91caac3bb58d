/** The wire format of /live/ws [PROTOCOL §13]: each frame is one unmasked, unfragmented text message, header and all. */
import { encodeFrame } from '@fanfare/protocol';
import type { Encoding } from '../../core/index.ts';
import { eventJson } from '../event-json.ts';
import { sharedHeartbeat } from '../shared-heartbeat.ts';

/** FIN and the opcode [RFC 6455 §5.2]. */
const TEXT = 0x81;
const PING = 0x89;
const PONG = 0x8a;
/** Longest payload of a control frame. */
const MAX_CONTROL_BYTES = 125;
/** A ping without a payload. */
export const PING_MESSAGE: Buffer = Buffer.from([PING, 0]);

/** One for all connections: an event is the same bytes for everybody, however many channels they have. */
export const wsEncoding: Encoding = {
  name: 'ws',
  event: (event) => textMessage(eventJson(event)),
  control: (frame) => (frame.type === 'heartbeat' ? heartbeat(frame) : textMessage(encodeFrame(frame))),
};

/** Every WebSocket answers a ping by itself, a page that sleeps too: that is how a peer is heard that has nothing to say. */
const heartbeat = sharedHeartbeat((frame) => Buffer.concat([textMessage(encodeFrame(frame)), PING_MESSAGE]));

/** The bytes of one text message from a server. */
export function textMessage(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const message = Buffer.allocUnsafe(header + length);
  message[0] = TEXT;
  if (header === 2) message[1] = length;
  else if (header === 4) {
    message[1] = 126;
    message.writeUInt16BE(length, 2);
  } else {
    message[1] = 127;
    message.writeUInt32BE(0, 2);
    message.writeUInt32BE(length, 6);
  }
  message.write(text, header, 'utf8');
  return message;
}

/** The answer to a client's ping. `payload`: of the ping, at most 125 bytes. */
export function pongMessage(payload: Uint8Array): Buffer {
  const kept = payload.subarray(0, MAX_CONTROL_BYTES);
  return Buffer.concat([Buffer.from([PONG, kept.length]), kept]);
}
