/** Core's transport over the bare socket of an SSE response. One record per connection: no closures, no timer, no request. */
import type { Socket } from 'node:net';
import type { Connection, SendOutcome, Transport } from '../../core/index.ts';

/** Where a socket's listeners, which all connections share, find the connection. */
const transportOf: unique symbol = Symbol('fanfare.sse');

declare module 'node:net' {
  interface Socket {
    [transportOf]?: SseTransport | undefined;
  }
}

/** A peer that does not take the last bytes within this time is cut. */
const CLOSE_GRACE_MS = 5000;

export class SseTransport implements Transport {
  readonly #socket: Socket;
  /** Response head and `retry:`; leaves in one write with the first frame. */
  #preface: Uint8Array | undefined;
  #connection: Connection | undefined;
  #ending = false;

  constructor(socket: Socket, preface: Uint8Array) {
    this.#socket = socket;
    this.#preface = preface;
    socket[transportOf] = this;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  get closed(): boolean {
    return this.#ending || !this.#socket.writable;
  }

  /** Reports the wire to its connection from now on. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#socket.on('drain', onDrain);
    this.#socket.on('close', onClose);
    this.#socket.on('end', onEnd);
  }

  /** Sends the head if no frame has taken it along: a format may have nothing to say at first. */
  sendHead(): void {
    if (this.#preface !== undefined && !this.closed) this.#writeAll(this.#preface, []);
  }

  /** Nobody else listens to the socket any more. It is read on, and what comes is dropped: only reading tells that a peer has gone. */
  takeOver(): void {
    this.#socket.on('error', onError);
    this.#socket.resume();
  }

  send(chunks: readonly Uint8Array[]): SendOutcome {
    if (this.closed) return 'closed';
    const preface = this.#preface;
    const only = preface === undefined && chunks.length === 1 ? chunks[0] : undefined;
    if (only !== undefined) return this.#socket.write(only) ? 'written' : 'buffered';
    return this.#writeAll(preface, chunks) ? 'written' : 'buffered';
  }

  /** The close frame has been sent as an event; SSE ends by ending. */
  close(): void {
    if (this.#ending) return;
    const socket = this.#socket;
    this.sendHead();
    this.#ending = true;
    if (socket.destroyed) return;
    // Reading on, so that a request the client has pipelined meets an orderly end and not a reset.
    socket.destroySoon();
    if (socket.writableLength > 0) setTimeout(cut, CLOSE_GRACE_MS, socket).unref();
  }

  drained(): void {
    this.#connection?.drained();
  }

  /** The wire is gone. 'close' comes once. */
  ended(): void {
    this.#ending = true;
    this.#socket[transportOf] = undefined;
    this.#connection?.ended();
    this.#connection = undefined;
  }

  #writeAll(preface: Uint8Array | undefined, chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    this.#preface = undefined;
    let taken = true;
    socket.cork();
    if (preface !== undefined) taken = socket.write(preface);
    for (const chunk of chunks) taken = socket.write(chunk);
    socket.uncork();
    return taken;
  }
}

function onDrain(this: Socket): void {
  this[transportOf]?.drained();
}

function onClose(this: Socket): void {
  this[transportOf]?.ended();
}

/** A reset is an ordinary way for a client to leave; 'close' follows and ends the connection. */
function onError(): void {}

/** Half-closed: an EventSource never does that and lives on, so the reader is gone. */
function onEnd(this: Socket): void {
  this.destroy();
}

function cut(socket: Socket): void {
  socket.destroy();
}
