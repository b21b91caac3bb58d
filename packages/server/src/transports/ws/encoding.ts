/** The wire format of /live/ws [PROTOCOL §13]: each frame is one unmasked, unfragmented text message, header and all. */
import { encodeFrame } from '@fanfare/protocol';
import type { Encoding } from '../../core/index.ts';
import { eventJson } from '../event-json.ts';
import { sharedHeartbeat } from '../shared-heartbeat.ts';

/** FIN and the opcode [RFC 6455 §5.2]. */
const TEXT = 0x81;
const CLOSE = 0x88;
const PING = 0x89;
const PONG = 0x8a;
/** Longest payload of a control frame. */
const MAX_CONTROL_BYTES = 125;
/** Stands for a close frame without a code; is in none [RFC 6455 §7.1.5]. */
const NO_CODE = 1005;
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

/** `code`: 1005 for none. `reason`: at most 123 bytes of it, cut between two characters. */
export function closeMessage(code: number, reason: string): Buffer {
  if (code === NO_CODE) return Buffer.from([CLOSE, 0]);
  const message = Buffer.alloc(2 + MAX_CONTROL_BYTES);
  message[0] = CLOSE;
  message.writeUInt16BE(code, 2);
  const length = 2 + message.write(reason, 4, 'utf8');
  message[1] = length;
  return message.subarray(0, 2 + length);
}

/** The answer to a client's ping. `payload`: of the ping, at most 125 bytes. */
export function pongMessage(payload: Uint8Array): Buffer {
  const kept = payload.subarray(0, MAX_CONTROL_BYTES);
  return Buffer.concat([Buffer.from([PONG, kept.length]), kept]);
}
