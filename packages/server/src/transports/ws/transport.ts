/** Core's transport over the socket of a WebSocket: complete messages below it, the closing handshake through `ws`. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CloseFrame } from '@fanfare/protocol';
import type { WebSocket } from 'ws';
import type { Connection, SendOutcome, Transport } from '../../core/index.ts';
import { type DirectWriter, directHandle, type Handle, writeDirect } from '../../http/direct-write.ts';
import { forWire } from '../wire-chunks.ts';

/** How a wire ends: with these words in the close frame, or without any. */
export type Closing = Pick<CloseFrame, 'code' | 'reason'> | 'cut';

/** RFC 6455 §7.1.5. */
const NO_CLOSE_FRAME = 1006;

/** Where a stream's one listener, which all connections share, finds the connection. */
const transportOf: unique symbol = Symbol('fanfare.ws');

declare module 'node:stream' {
  interface Duplex {
    [transportOf]?: WsTransport | undefined;
  }
}

export class WsTransport implements Transport, DirectWriter {
  readonly #peer: WebSocket;
  readonly #socket: Duplex;
  /** The socket's own, where we write below its stream. */
  readonly #direct: Handle | undefined;
  readonly #closingOf: ((frame: CloseFrame) => Closing) | undefined;
  #connection: Connection | undefined;
  #ending = false;
  #closedWith: Closing | undefined;

  /** `closingOf`: what other clients than ours are told. @default the code and reason of the frame */
  constructor(peer: WebSocket, socket: Duplex, closingOf?: (frame: CloseFrame) => Closing) {
    this.#peer = peer;
    this.#socket = socket;
    this.#closingOf = closingOf;
    this.#direct = socket instanceof Socket ? directHandle(socket) : undefined;
  }

  get bufferedBytes(): number {
    return this.#direct === undefined ? this.#socket.writableLength : (this.#direct.writeQueueSize ?? 0);
  }

  /** Reports the wire to its connection from now on; its end is told by whoever reads. */
  attach(connection: Connection): void {
    this.#connection = connection;
    if (this.#direct !== undefined) return;
    const stream: NodeJS.EventEmitter = this.#socket;
    this.#socket[transportOf] = this;
    stream.on('drain', onDrain);
  }

  send(chunks: readonly Uint8Array[]): SendOutcome {
    if (this.#ending) return 'closed';
    if (this.#direct !== undefined) return writeDirect(this.#direct, forWire(chunks), this);
    if (!this.#socket.writable) return 'closed';
    const only = chunks.length === 1 ? chunks[0] : undefined;
    return this.#socket.write(only ?? Buffer.concat(chunks)) ? 'written' : 'buffered';
  }

  /** How we ended it; undefined: it is open, or the peer ended it. */
  get closedWith(): Closing | undefined {
    return this.#closedWith;
  }

  /** The close frame of the protocol has been sent; that of RFC 6455 follows it. `ws` cuts a peer that does not answer. */
  close(frame: CloseFrame): void {
    this.end(this.#closingOf?.(frame) ?? frame);
  }

  codeOf(frame: CloseFrame): number {
    const closing = this.#closingOf?.(frame) ?? frame;
    return closing === 'cut' ? NO_CLOSE_FRAME : closing.code;
  }

  end(closing: Closing): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#closedWith = closing;
    if (closing === 'cut') this.#peer.terminate();
    else this.#peer.close(closing.code, closing.reason);
  }

  drained(): void {
    this.#connection?.drained();
  }

  /** What a direct write left over has left, or the peer is gone: then 'close' follows. */
  taken(isOpen: boolean): void {
    if (!isOpen) this.#socket.destroy();
    else if (this.bufferedBytes === 0) this.#connection?.drained();
  }
}

function onDrain(this: Duplex): void {
  this[transportOf]?.drained();
}
