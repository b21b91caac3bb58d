/** The client's side of RFC 6455, as far as a load client needs it: an upgrade, and masked text frames to the server. */
import { randomBytes } from 'node:crypto';

export function upgradeHead() {
  const key = randomBytes(16).toString('base64');
  return `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`;
}

/** A mask of zeros is a mask: the bytes stay as they are. */
export function textFrame(text) {
  const body = Buffer.from(text);
  const isShort = body.length < 126;
  const head = Buffer.alloc(isShort ? 6 : 8);
  head[0] = 0x81;
  head[1] = 0x80 | (isShort ? body.length : 126);
  if (!isShort) head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, body]);
}
