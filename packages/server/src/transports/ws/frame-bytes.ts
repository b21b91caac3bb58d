/** The bytes of WebSocket frames that a server sends: whole, unmasked, uncompressed [RFC 6455 §5.2]. */

const FIN_TEXT = 0x81;
/** Longest payload whose length fits the second byte, and the two bytes after it. */
const SHORT = 125;
const MEDIUM = 0xffff;

/** A ping without payload: what the peer's WebSocket answers by itself. */
export const PING: Uint8Array = Buffer.from([0x89, 0x00]);

/** One text message of one frame. */
export function textMessage(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const start = length <= SHORT ? 2 : length <= MEDIUM ? 4 : 10;
  const bytes = Buffer.allocUnsafe(start + length);
  bytes[0] = FIN_TEXT;
  if (start === 2) bytes[1] = length;
  else if (start === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(length, 2);
  } else {
    bytes[1] = 127;
    bytes.writeUInt32BE(0, 2);
    bytes.writeUInt32BE(length, 6);
  }
  bytes.write(text, start, 'utf8');
  return bytes;
}
