/** The reading half of a WebSocket: what `ws` hears, through listeners that all connections share. */
import { type RawData, WebSocket } from 'ws';
import { pongMessage } from './encoding.ts';
import type { WsSession } from './session.ts';
import type { WsTransport } from './transport.ts';

/** Who is told what comes from a peer. */
export interface PeerReader {
  readonly session: WsSession;
  readonly transport: WsTransport;
}

/** Made by `WebSocketServer` for each upgrade. */
export class FanfareSocket extends WebSocket {
  /** undefined: it was refused, or has ended. */
  reader: PeerReader | undefined;
}

/** Codes that `ws` closes with for what it refuses to read; anything else is 1002 [RFC 6455 §7.4.1]. */
const CODES: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009,
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
};
const PROTOCOL_ERROR = 1002;
const BINARY = { code: 1003, reason: 'a message is text' };
/** Pongs may wait for a peer that only sends; beyond that it gets none. */
const MAX_PONG_BACKLOG = 64 * 1024;

/** `reader`: absent for a peer that was refused; what it sends is dropped. */
export function readPeer(peer: FanfareSocket, reader?: PeerReader): void {
  peer.reader = reader;
  peer.on('error', onError);
  if (reader === undefined) return;
  peer.on('message', onMessage);
  peer.on('ping', onPing);
  peer.on('pong', onPong);
  peer.on('close', end);
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const reader = readerOf(this);
  reader?.session.connection.heard();
  if (!isBinary) reader?.session.receive(String(data));
  else if (reader !== undefined) {
    reader.transport.close(BINARY);
    end.call(this, BINARY.code);
  }
}

function onPing(this: WebSocket, payload: Buffer): void {
  const reader = readerOf(this);
  reader?.session.connection.heard();
  if (reader !== undefined && reader.transport.bufferedBytes < MAX_PONG_BACKLOG) {
    reader.transport.send([pongMessage(payload)]);
  }
}

function onPong(this: WebSocket): void {
  readerOf(this)?.session.connection.heard();
}

/** What `ws` refuses to read it answers with a close frame by itself. Any other error is the socket's: 'close' follows. */
function onError(this: WebSocket, error: Error): void {
  const code = 'code' in error ? String(error.code) : '';
  if (code.startsWith('WS_ERR_')) end.call(this, CODES[code] ?? PROTOCOL_ERROR);
}

/** Told once: afterwards there is no reader. */
function end(this: WebSocket, code: number): void {
  const connection = readerOf(this)?.session.connection;
  if (this instanceof FanfareSocket) this.reader = undefined;
  connection?.ended(code);
}

function readerOf(peer: WebSocket): PeerReader | undefined {
  return peer instanceof FanfareSocket ? peer.reader : undefined;
}
