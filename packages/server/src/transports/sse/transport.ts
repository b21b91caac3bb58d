/** Core's transport over the bare wire of an SSE response. One record per connection: no closures, no timer, no request. */
import type { ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import type { Connection, SendOutcome, Transport } from '../../core/index.ts';
import { type EndListener, hearEnd } from '../../http/direct-end.ts';
import { type DirectWriter, writeDirect } from '../../http/direct-write.ts';
import { directHandle, type Handle } from '../../http/stream-wrap.ts';
import { crowdExit } from '../crowd-exit.ts';
import { forWire } from '../wire-chunks.ts';

/** HTTP/1: the socket itself. HTTP/2: the one stream of many on a socket. */
export type SseWire = Socket | ServerHttp2Stream;

/** Where a wire's listeners, which all connections share, find the connection. */
const transportOf: unique symbol = Symbol('fanfare.sse');

declare module 'node:net' {
  interface Socket {
    [transportOf]?: SseTransport | undefined;
  }
}

declare module 'node:http2' {
  interface ServerHttp2Stream {
    [transportOf]?: SseTransport | undefined;
  }
}

/** A peer that does not take the last bytes within this time is cut. */
const CLOSE_GRACE_MS = 5000;

export class SseTransport implements Transport, DirectWriter, EndListener {
  readonly #wire: SseWire;
  /** The socket's own, where we write below its stream. */
  readonly #direct: Handle | undefined;
  /** Response head and `retry:`; leaves in one write with the first frame. */
  #preface: Uint8Array | undefined;
  #connection: Connection | undefined;
  #ending = false;

  constructor(wire: SseWire, preface: Uint8Array) {
    this.#wire = wire;
    this.#direct = wire instanceof Socket ? directHandle(wire) : undefined;
    this.#preface = preface;
    wire[transportOf] = this;
  }

  get bufferedBytes(): number {
    return this.#direct === undefined ? this.#wire.writableLength : (this.#direct.writeQueueSize ?? 0);
  }

  /** Reports the wire to its connection from now on. */
  attach(connection: Connection): void {
    this.#connection = connection;
    const wire: NodeJS.EventEmitter = this.#wire;
    wire.on('drain', onDrain);
    wire.on('close', onClose);
    wire.on('error', onError);
  }

  /** Sends the head if no frame has taken it along: a format may have nothing to say at first. */
  sendHead(): void {
    if (this.#preface !== undefined) this.send([]);
  }

  /** The socket is ours alone. It is read on, and what comes is dropped: only reading tells that a peer has gone. */
  takeOver(): void {
    const wire: NodeJS.EventEmitter = this.#wire;
    wire.on('end', onEnd);
    if (this.#direct !== undefined) hearEnd(this.#direct, this);
    this.#wire.resume();
  }

  send(chunks: readonly Uint8Array[]): SendOutcome {
    if (this.#isOver()) return 'closed';
    const direct = this.#direct;
    const preface = this.#preface;
    this.#preface = undefined;
    const all = preface === undefined ? chunks : [preface, ...chunks];
    if (direct !== undefined) return writeDirect(direct, forWire(all), this);
    return this.#writeStream(all) ? 'written' : 'buffered';
  }

  /** The close frame has been sent as an event; SSE ends by ending. */
  close(): void {
    if (this.#ending) return;
    const wire = this.#wire;
    this.sendHead();
    this.#ending = true;
    if (wire.destroyed) return;
    if (wire instanceof Socket) wire.destroySoon();
    else wire.end();
    if (this.bufferedBytes > 0) setTimeout(cut, CLOSE_GRACE_MS, wire).unref();
  }

  drained(): void {
    this.#connection?.drained();
  }

  /** What a direct write left over has left, or the peer is gone: then 'close' follows. */
  taken(isOpen: boolean): void {
    if (!isOpen) this.#wire.destroy();
    else if (this.bufferedBytes === 0) this.#connection?.drained();
  }

  /** Of a crowd. Where few go, the stream tells. */
  peerLeft(): boolean {
    if (!crowdExit.isCrowded) return false;
    crowdExit.end(this.#wire);
    return true;
  }

  /** The wire is gone. 'close' comes once. */
  ended(): void {
    this.#ending = true;
    this.#wire[transportOf] = undefined;
    this.#connection?.ended();
    this.#connection = undefined;
  }

  /** Asking the stream was 2 % of a delivery: it is asked once, and a handle that is gone says so itself. */
  #isOver(): boolean {
    const asksStream = this.#direct === undefined || this.#preface !== undefined;
    return this.#ending || (asksStream && !this.#wire.writable);
  }

  #writeStream(chunks: readonly Uint8Array[]): boolean {
    const wire = this.#wire;
    let taken = true;
    wire.cork();
    for (const chunk of chunks) taken = wire.write(chunk);
    wire.uncork();
    return taken;
  }
}

function onDrain(this: SseWire): void {
  this[transportOf]?.drained();
}

function onClose(this: SseWire): void {
  this[transportOf]?.ended();
}

/** A reset is an ordinary way for a client to leave; 'close' follows and ends the connection. It counts as one that goes. */
function onError(this: SseWire): void {
  crowdExit.end(this);
}

/** Half-closed: an EventSource never does that and lives on, so the reader is gone. */
function onEnd(this: SseWire): void {
  crowdExit.end(this);
}

function cut(wire: SseWire): void {
  wire.destroy();
}
