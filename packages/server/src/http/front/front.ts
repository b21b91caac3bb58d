/**
 * Stands before a server of `node:http`: a request for one of the live wires is served on its bare socket, without the parser,
 * request, response and timers that it would never need again; every other socket goes on to `node:http` with the bytes it
 * brought, and nothing about it is different. After a restart everybody comes at once, and this is half of what each of them costs.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type LoopClock, loopClock, ReadTurns } from '../read-turns.ts';
import type { RequestHead } from '../request-head.ts';
import { beginsLikeWire, readSimpleHead } from './simple-head.ts';

export interface FrontOptions {
  /** Serves the request on its socket; false, and nothing done: it is for `node:http`. Nobody listens on the socket but for its errors. */
  readonly serve: (head: RequestHead) => boolean;
  /** Of one head. */
  readonly maxHeaderBytes: number;
  /** Whoever has said nothing for a part of it is given to `node:http`, which counts from then on. */
  readonly headersTimeoutMs: number;
  /** @default loopClock */
  readonly clock?: LoopClock;
}

/** Where the listeners, which all sockets share, find the front. */
const frontOf: unique symbol = Symbol('fanfare.front');

declare module 'node:net' {
  interface Socket {
    [frontOf]?: Front | undefined;
  }
}

/** The longest that a socket is waited for before `node:http` has it. */
const PATIENCE_MS = 500;
/** Given to `node:http` in one turn of the loop: a few milliseconds. */
const LATE_PER_TURN = 100;

export class Front {
  readonly #options: FrontOptions;
  readonly #goOn: (socket: Socket) => void;
  readonly #patienceMs: number;
  readonly #clock: LoopClock;
  /** Sockets that have said nothing yet; those of the older generation have had their time. */
  #young = new Set<Socket>();
  #old = new Set<Socket>();
  /** These go to `node:http`, so many in a turn. */
  #late = new Set<Socket>();
  /** A crowd of readers, and everybody else: who publishes does not wait behind ten thousand who have come back. */
  readonly #wires: ReadTurns<Socket>;
  readonly #others: ReadTurns<Socket>;
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: FrontOptions, goOn: (socket: Socket) => void) {
    this.#options = options;
    this.#goOn = goOn;
    this.#patienceMs = Math.min(PATIENCE_MS, options.headersTimeoutMs / 10);
    const read = (socket: Socket, bytes: Buffer): void => this.#serve(socket, bytes);
    this.#clock = options.clock ?? loopClock;
    this.#wires = new ReadTurns({ read, clock: this.#clock });
    this.#others = new ReadTurns({ read, clock: this.#clock });
  }

  /** Before the server listens. undefined, and nothing done: the server is not as Node makes it. */
  static before(server: Server, options: FrontOptions): Front | undefined {
    const [listener, ...others] = server.listeners('connection');
    if (listener === undefined || others.length > 0) return undefined;
    const front = new Front(options, (socket) => void Reflect.apply(listener, server, [socket]));
    server.removeAllListeners('connection').on('connection', (socket) => front.#arrived(socket));
    return front;
  }

  /** Cuts whoever has said nothing yet, or waits to be heard. */
  close(): void {
    for (const socket of [...this.#late, ...this.#old, ...this.#young]) socket.destroy();
    this.#wires.close();
    this.#others.close();
  }

  heard(socket: Socket, bytes: Buffer): void {
    const turns = beginsLikeWire(bytes) ? this.#wires : this.#others;
    // Put off, it has said something all the same.
    if (!turns.came(socket, bytes)) this.#unsilent(socket);
  }

  #serve(socket: Socket, bytes: Buffer): void {
    this.#forget(socket);
    const { serve, maxHeaderBytes } = this.#options;
    const head = readSimpleHead(bytes, socket, maxHeaderBytes);
    if (head === undefined || !serve(head)) this.#handOn(socket, bytes);
  }

  gone(socket: Socket): void {
    this.#forget(socket);
    this.#wires.forget(socket);
    this.#others.forget(socket);
  }

  #arrived(socket: Socket): void {
    // It was here before, and has been read: what is left of it is for http.
    if (socket.readableLength > 0) {
      this.#goOn(socket);
      return;
    }
    this.#young.add(socket);
    this.#timer ??= setTimeout(() => this.#sweep(), this.#patienceMs).unref();
    socket[frontOf] = this;
    socket.on('error', ignoreError);
    socket.on('close', onClose);
    socket.on('end', onEnd);
    socket.on('data', onData);
  }

  #unsilent(socket: Socket): void {
    if (!this.#young.delete(socket) && !this.#old.delete(socket)) this.#late.delete(socket);
  }

  #forget(socket: Socket): void {
    this.#unsilent(socket);
    socket[frontOf] = undefined;
    socket.off('close', onClose);
    socket.off('end', onEnd);
    socket.off('data', onData);
  }

  /** As Node leaves the socket of an upgrade: whoever listens next starts it again, and gets the bytes first. */
  #handOn(socket: Socket, bytes?: Buffer): void {
    socket.off('error', ignoreError);
    Reflect.set(socket, 'readableFlowing', null);
    if (bytes !== undefined) socket.unshift(bytes);
    this.#goOn(socket);
  }

  #sweep(): void {
    this.#timer = undefined;
    const isHandingOn = this.#late.size > 0;
    for (const socket of this.#old) this.#late.add(socket);
    this.#old = this.#young;
    this.#young = new Set();
    if (!isHandingOn) this.#handLate();
    if (this.#old.size > 0) this.#timer = setTimeout(() => this.#sweep(), this.#patienceMs).unref();
  }

  #handLate(): void {
    let handed = 0;
    for (const socket of this.#late) {
      if (handed === LATE_PER_TURN) {
        this.#clock.afterTurn(() => this.#handLate());
        return;
      }
      handed += 1;
      this.#forget(socket);
      this.#handOn(socket);
    }
  }
}

/** A reset is an ordinary way for a client to leave; 'close' follows. Whoever takes a socket over from a front replaces it. */
export function ignoreError(): void {}

function onData(this: Socket, bytes: Buffer): void {
  this[frontOf]?.heard(this, bytes);
}

function onClose(this: Socket): void {
  this[frontOf]?.gone(this);
}

/** It came, said nothing, and leaves. */
function onEnd(this: Socket): void {
  this.end();
}
