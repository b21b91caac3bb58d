/**
 * Core's transport over the socket under a WebSocket. `ws` reads, answers pings and does both handshakes; what the hub sends are
 * whole frames that go past it, straight to the socket: no frame of ours is ever inside one of its own.
 */
import type { Socket } from 'node:net';
import type { CloseFrame } from '@fanfare/protocol';
import type { WebSocket } from 'ws';
import type { Connection, SendOutcome, Transport } from '../../core/index.ts';
import { type DirectSocket, type DirectWriter, isDirect, writeDirect } from '../direct-write.ts';

/** A peer that does not answer our close within this time is cut. */
const CLOSE_GRACE_MS = 5000;

export class WebSocketTransport implements Transport, DirectWriter {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  /** The socket again, where we write below its stream. */
  readonly #direct: DirectSocket | undefined;
  #connection: Connection | undefined;
  #ending = false;

  constructor(webSocket: WebSocket, socket: Socket) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#direct = isDirect(socket) ? socket : undefined;
  }

  get bufferedBytes(): number {
    return this.#direct === undefined ? this.#socket.writableLength : (this.#direct._handle?.writeQueueSize ?? 0);
  }

  attach(connection: Connection): void {
    this.#connection = connection;
    if (this.#direct === undefined) this.#socket.on('drain', () => connection.drained());
  }

  send(chunks: readonly Uint8Array[]): SendOutcome {
    if (this.#ending || !this.#socket.writable) return 'closed';
    const [only] = chunks;
    const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
    if (this.#direct !== undefined) return writeDirect(this.#direct, bytes, this);
    return this.#socket.write(bytes) ? 'written' : 'buffered';
  }

  /** The close frame of the protocol has been sent as a message; the WebSocket's own follows, with the same code. */
  close({ code, reason }: CloseFrame): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#webSocket.close(code, reason);
    setTimeout(cut, CLOSE_GRACE_MS, this.#webSocket).unref();
  }

  /** What a direct write left over has left, or the peer is gone: then 'close' follows. */
  taken(isOpen: boolean): void {
    if (!isOpen) this.#socket.destroy();
    else if (this.bufferedBytes === 0) this.#connection?.drained();
  }
}

function cut(webSocket: WebSocket): void {
  webSocket.terminate();
}
