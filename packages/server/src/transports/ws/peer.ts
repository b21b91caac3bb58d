/**
 * The client at the other end of a WebSocket: hears what it sends, and answers what RFC 6455 wants answered. One record per connection, the
 * transport included, and listeners that all connections share.
 */
import type { Duplex } from 'node:stream';
import type { Connection } from '../../core/index.ts';
import { type EndListener, hearEnd } from '../../http/direct-end.ts';
import { ReadTurns } from '../../http/read-turns.ts';
import { crowdExit } from '../crowd-exit.ts';
import { type DecoderLimits, decode, type FrameReader, type Violation } from './decoder.ts';
import { pongMessage } from './encoding.ts';
import { type TransportHost, WsTransport } from './transport.ts';
import type { Unfinished } from './unfinished.ts';

/** Who makes something of what a peer says. */
export interface PeerSession {
  readonly connection: Connection;
  /** One text message. */
  receive(text: string): void;
  /** One message of another kind. @default it ends the connection with 1003 */
  receiveBinary?(): void;
  /** It went over a bound of ours. */
  met?(limit: keyof DecoderLimits): void;
  /** The wire is gone, or the peer has said its last word. Told once. */
  ended?(end: PeerEnd): void;
}

export interface PeerEnd {
  /** Of the peer's close frame, or of what it was refused with; 1005: a frame without a code; 1006: no frame. */
  readonly code: number;
  readonly reason: string;
  /** What it sent was not to be read. */
  readonly refused: boolean;
}

/** What the peers of a path share. */
export interface PeerHost extends TransportHost {
  readonly limits: DecoderLimits;
}

/** Where a socket's listeners find the peer. */
const peerOf: unique symbol = Symbol('fanfare.ws');

declare module 'node:stream' {
  interface Duplex {
    [peerOf]?: WsPeer | undefined;
  }
}

/** Of this process: after a restart thousands subscribe at once. */
const readTurns = new ReadTurns<Duplex>({ read: (socket, bytes) => socket[peerOf]?.came(bytes) });

const BINARY = { code: 1003, reason: 'a message is text' };
const NO_CLOSE_FRAME: PeerEnd = { code: 1006, reason: '', refused: false };
/** Pongs may wait for a peer that only sends; beyond that it gets none. */
const MAX_PONG_BACKLOG = 64 * 1024;

export class WsPeer extends WsTransport implements FrameReader, EndListener {
  readonly #limits: DecoderLimits;
  /** undefined: it was refused, or has ended; what it sends is dropped. */
  #session: PeerSession | undefined;
  #unfinished: Unfinished | undefined;
  /** It has said its last word, or what it says is not to be read. */
  #isOver = false;

  /** Reads the socket from the next turn on. `head`: the answer to the upgrade. Throws when the socket is a WebSocket already. */
  constructor(socket: Duplex, head: Uint8Array, host: PeerHost) {
    super(socket, head, host);
    if (socket[peerOf] !== undefined) throw new Error('The socket of this upgrade is a WebSocket already.');
    this.#limits = host.limits;
    socket[peerOf] = this;
    // Who closes its half is let go by us: the stream would end all that go together in one turn.
    socket.allowHalfOpen = true;
    const stream: NodeJS.EventEmitter = socket;
    stream.on('error', onError).on('close', onClose).on('data', onData).on('end', onEnd);
    if (this.direct === undefined) stream.on('drain', onDrain);
    else hearEnd(this.direct, this);
    socket.resume();
  }

  /** Who hears it from now on. */
  attach(session: PeerSession): void {
    this.#session = session;
  }

  /** What is not read waits at the peer. */
  pause(): void {
    if (this.#isOver) return;
    readTurns.forget(this.socket);
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Reading goes on after the end, and drops what comes: a socket that is closed with bytes unread takes our last words back. */
  came(bytes: Buffer): void {
    if (this.#isOver) return;
    this.#unfinished = decode(bytes, this.#unfinished, { limits: this.#limits, reader: this });
  }

  text(text: string): void {
    const session = this.#session;
    session?.connection.heard();
    session?.receive(text);
  }

  binary(): void {
    const session = this.#session;
    session?.connection.heard();
    if (session?.receiveBinary !== undefined) session.receiveBinary();
    else if (session !== undefined) {
      this.end(BINARY);
      this.#finish({ ...BINARY, refused: true });
    }
  }

  ping(payload: Uint8Array): void {
    this.#session?.connection.heard();
    if (this.#session !== undefined && this.bufferedBytes < MAX_PONG_BACKLOG) this.send([pongMessage(payload)]);
  }

  pong(): void {
    this.#session?.connection.heard();
  }

  closed(code: number, reason: string): void {
    const isAnswer = this.closedWith !== undefined;
    this.#isOver = true;
    // Told first: what the peer has ended, we did not.
    this.#finish({ code, reason, refused: false });
    if (!isAnswer) this.end({ code, reason });
    this.leave();
  }

  violated({ code, limit }: Violation): void {
    this.#isOver = true;
    this.end({ code, reason: '' });
    if (limit !== undefined) this.#session?.met?.(limit);
    this.#finish({ code, reason: '', refused: true });
    this.leave();
    this.socket.resume();
  }

  drained(): void {
    this.#session?.connection.drained();
  }

  /** Of a crowd, with nothing that it said left to be read. Where few go, the stream tells. */
  peerLeft(): boolean {
    if (!crowdExit.isCrowded || this.socket.readableLength > 0) return false;
    crowdExit.end(this);
    return true;
  }

  /** It has closed its half, and gets what is on its way. */
  destroy(): void {
    if (this.bufferedBytes === 0) this.socket.destroy();
    else this.leave();
  }

  override gone(): void {
    super.gone();
    readTurns.forget(this.socket);
    this.#isOver = true;
    this.#unfinished = undefined;
    this.socket[peerOf] = undefined;
    this.#finish(NO_CLOSE_FRAME);
  }

  /** Told once: afterwards nobody hears it. */
  #finish(end: PeerEnd): void {
    const session = this.#session;
    this.#session = undefined;
    session?.connection.ended(end.code);
    session?.ended?.(end);
  }
}

function onData(this: Duplex, bytes: Buffer): void {
  if (this[peerOf] !== undefined) readTurns.came(this, bytes);
}

function onEnd(this: Duplex): void {
  const peer = this[peerOf];
  if (peer !== undefined) crowdExit.end(peer);
}

function onDrain(this: Duplex): void {
  this[peerOf]?.drained();
}

function onClose(this: Duplex): void {
  this[peerOf]?.gone();
}

/** A reset is an ordinary way for a client to leave; 'close' follows. It counts as one that goes. */
function onError(this: Duplex): void {
  crowdExit.end(this);
}
