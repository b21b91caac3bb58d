/** The reading half of a WebSocket: what `ws` hears, through listeners that all connections share. */
import { type RawData, WebSocket } from 'ws';
import type { Connection } from '../../core/index.ts';
import { pongMessage } from './encoding.ts';
import type { WsTransport } from './transport.ts';

/** Who makes something of what a peer says. */
export interface PeerSession {
  readonly connection: Connection;
  /** One text message. */
  receive(text: string): void;
  /** One message of another kind. @default it ends the connection with 1003 */
  receiveBinary?(): void;
  /** It went over a bound of ours. */
  met?(limit: 'maxMessageBytes' | 'maxFragments'): void;
  /** The wire is gone. Told once. */
  ended?(end: PeerEnd): void;
}

export interface PeerEnd {
  /** Of the peer's close frame, or of what it was refused with; 1005: a frame without a code; 1006: no frame. */
  readonly code: number;
  readonly reason: string;
  /** What it sent was not to be read. */
  readonly refused: boolean;
}

/** Who is told what comes from a peer. */
export interface PeerReader {
  readonly session: PeerSession;
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
/** Bounds of ours among them. */
const LIMITS: Readonly<Record<string, 'maxMessageBytes' | 'maxFragments'>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'maxMessageBytes',
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 'maxMessageBytes',
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 'maxFragments',
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
  peer.on('close', onClose);
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  const reader = readerOf(this);
  reader?.session.connection.heard();
  if (!isBinary) reader?.session.receive(String(data));
  else if (reader?.session.receiveBinary !== undefined) reader.session.receiveBinary();
  else if (reader !== undefined) {
    reader.transport.end(BINARY);
    finish(this, { ...BINARY, refused: true });
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
  if (!code.startsWith('WS_ERR_')) return;
  const limit = LIMITS[code];
  if (limit !== undefined) readerOf(this)?.session.met?.(limit);
  finish(this, { code: CODES[code] ?? PROTOCOL_ERROR, reason: '', refused: true });
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  finish(this, { code, reason: String(reason), refused: false });
}

/** Told once: afterwards there is no reader. */
function finish(peer: WebSocket, end: PeerEnd): void {
  const session = readerOf(peer)?.session;
  if (peer instanceof FanfareSocket) peer.reader = undefined;
  session?.connection.ended(end.code);
  session?.ended?.(end);
}

function readerOf(peer: WebSocket): PeerReader | undefined {
  return peer instanceof FanfareSocket ? peer.reader : undefined;
}
