/** Core's transport over the socket of a WebSocket: whole messages, written below its stream, and the closing handshake [RFC 6455 §7]. */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CloseFrame } from '@fanfare/protocol';
import type { SendOutcome, Transport } from '../../core/index.ts';
import { type DirectWriter, writeDirect } from '../../http/direct-write.ts';
import { directHandle, type Handle } from '../../http/stream-wrap.ts';
import { forWire } from '../wire-chunks.ts';
import type { Departures } from './departures.ts';
import { closeMessage } from './encoding.ts';

/** How a wire ends: with these words in the close frame, or without any. */
export type Closing = Pick<CloseFrame, 'code' | 'reason'> | 'cut';

/** What the wires of a path share. */
export interface TransportHost {
  readonly departures: Departures;
  /** What other clients than ours are told. @default the code and reason of the frame */
  readonly closingOf?: (frame: CloseFrame) => Closing;
}

/** RFC 6455 §7.1.5. */
const NO_CLOSE_FRAME = 1006;

export abstract class WsTransport implements Transport, DirectWriter {
  protected readonly socket: Duplex;
  readonly #departures: Departures;
  readonly #closingOf: TransportHost['closingOf'];
  /** The socket's own, where we write below its stream; else the stream writes, and tells when it has. */
  protected readonly direct: Handle | undefined;
  /** The answer to the upgrade; leaves in one write with the first message. */
  #head: Uint8Array | undefined;
  #closedWith: Closing | undefined;

  /** `head`: the answer to the upgrade. */
  constructor(socket: Duplex, head: Uint8Array, host: TransportHost) {
    this.socket = socket;
    this.#departures = host.departures;
    this.#closingOf = host.closingOf;
    this.#head = head;
    this.direct = socket instanceof Socket ? directHandle(socket) : undefined;
  }

  get bufferedBytes(): number {
    return this.direct === undefined ? this.socket.writableLength : (this.direct.writeQueueSize ?? 0);
  }

  /** How we ended it; undefined: it is open, or the peer ended it. */
  get closedWith(): Closing | undefined {
    return this.#closedWith;
  }

  send(chunks: readonly Uint8Array[]): SendOutcome {
    return this.#closedWith === undefined ? this.#write(chunks) : 'closed';
  }

  /** Sends the answer to the upgrade if no message has taken it along: a path may have nothing to say at first. */
  sendHead(): void {
    if (this.#head !== undefined) this.send([]);
  }

  /** The close frame of the protocol has been sent; that of RFC 6455 follows it. */
  close(frame: CloseFrame): void {
    this.end(this.#closingOf?.(frame) ?? frame);
  }

  codeOf(frame: CloseFrame): number {
    const closing = this.#closingOf?.(frame) ?? frame;
    return closing === 'cut' ? NO_CLOSE_FRAME : closing.code;
  }

  /** A peer that does not answer in time is cut. Idempotent. */
  end(closing: Closing): void {
    if (this.#closedWith !== undefined) return;
    this.#closedWith = closing;
    if (closing === 'cut') this.socket.destroy();
    else {
      this.#write([closeMessage(closing.code, closing.reason)]);
      this.#departures.add(this.socket);
    }
  }

  /** What a direct write left over has left, or the peer is gone: then 'close' follows. */
  taken(isOpen: boolean): void {
    if (!isOpen) this.socket.destroy();
    else if (this.bufferedBytes === 0) this.drained();
  }

  abstract drained(): void;

  /** Nothing more will be said, nor is anything more waited for: the peer closes too, or is cut in time. */
  protected leave(): void {
    this.socket.end();
    this.#departures.add(this.socket);
  }

  /** The socket has closed. */
  protected gone(): void {
    this.#departures.gone(this.socket);
  }

  #write(chunks: readonly Uint8Array[]): SendOutcome {
    const head = this.#head;
    this.#head = undefined;
    const all = head === undefined ? chunks : [head, ...chunks];
    if (this.direct !== undefined) return writeDirect(this.direct, forWire(all), this);
    if (!this.socket.writable) return 'closed';
    const only = all.length === 1 ? all[0] : undefined;
    return this.socket.write(only ?? Buffer.concat(all)) ? 'written' : 'buffered';
  }
}
