/**
 * A connection that publishes goes on publishing: after the first `POST /live/api/publish` has been answered through `node:http`, its
 * socket is read here. A request whose head is that of the first, byte for byte but for its length, needs no parser: what was found out of
 * the first holds for it. Anything else, once, and the socket is given back for good, with the bytes that it brought.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type DirectWriter, writeDirectText } from '../direct-write.ts';
import type { Publishing } from '../publishing.ts';
import { directHandle, type Handle } from '../stream-wrap.ts';
import { type AnswerHead, answerHead } from './answer-head.ts';
import { type RequestTemplate, readLikeFirst } from './request-template.ts';

export interface LaneOptions {
  /** As it was answered. */
  readonly exchange: { readonly req: IncomingMessage; readonly res: ServerResponse };
  readonly publishing: Publishing;
  /** Of one body. */
  readonly maxBytes: number;
  readonly idleMs: number;
  /** Gives the socket back to `node:http`. */
  readonly giveBack: (socket: Socket, bytes: Buffer) => void;
  readonly ended: (lane: PublishLane) => void;
}

/** Where the listeners, which all sockets share, find the lane. */
const laneOf: unique symbol = Symbol('fanfare.publishes');

declare module 'node:net' {
  interface Socket {
    [laneOf]?: PublishLane | undefined;
  }
}

const NOTHING = Buffer.alloc(0);

export class PublishLane implements DirectWriter {
  readonly #options: LaneOptions;
  readonly #socket: Socket;
  readonly #handle: Handle;
  readonly #head: AnswerHead;
  #template: RequestTemplate | undefined;
  /** A request is being answered, or its answer waits for the peer. */
  #busy = false;
  /** What came meanwhile. */
  #early: Buffer | undefined;
  #closing = false;

  /** undefined, and nothing done: the socket is not one that can be served here. It must be bare: nobody else reads it. */
  static on(socket: Socket, options: LaneOptions): PublishLane | undefined {
    const handle = directHandle(socket);
    const head = answerHead(options.exchange.res);
    return handle === undefined || head === undefined ? undefined : new PublishLane(socket, { handle, head, options });
  }

  private constructor(
    socket: Socket,
    { handle, head, options }: { readonly handle: Handle; readonly head: AnswerHead; readonly options: LaneOptions },
  ) {
    this.#socket = socket;
    this.#handle = handle;
    this.#head = head;
    this.#options = options;
    socket[laneOf] = this;
    socket.setTimeout(options.idleMs);
    for (const [event, listener] of LISTENERS) socket.on(event, listener);
    socket.resume();
  }

  /** Ends it, once what is being answered is answered. */
  close(): void {
    this.#closing = true;
    if (!this.#busy) this.#socket.destroySoon();
  }

  heard(bytes: Buffer): void {
    if (!this.#busy) {
      this.#take(bytes);
      return;
    }
    this.#early = this.#early === undefined ? bytes : Buffer.concat([this.#early, bytes]);
    this.#socket.pause();
  }

  taken(isOpen: boolean): void {
    if (!isOpen) this.#socket.destroy();
    else if ((this.#handle.writeQueueSize ?? 0) === 0) this.#next();
  }

  /** Nothing came or left for long. An answer that the engine owes is waited for; a peer that does not read is not. */
  idle(): void {
    if (!this.#busy || (this.#handle.writeQueueSize ?? 0) > 0) this.#socket.destroy();
  }

  gone(): void {
    this.#leave();
  }

  #take(bytes: Buffer): void {
    const { exchange, maxBytes, publishing } = this.#options;
    const read = readLikeFirst(bytes, this.#template ?? exchange.req);
    if (this.#closing || read === undefined || read.body.length > maxBytes) {
      this.#giveBack(bytes);
      return;
    }
    this.#template = read.template;
    this.#busy = true;
    try {
      const receipt = publishing.publish(read.body);
      if (receipt instanceof Promise)
        receipt.then(
          (late) => this.#answer(late),
          (error: unknown) => this.#refuse(error),
        );
      else this.#answer(receipt);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #answer(receipt: object): void {
    if (this.#socket.destroyed) return;
    const text = this.#head.withBody(JSON.stringify(receipt));
    if (writeDirectText(this.#handle, text, this) === 'written') this.#next();
  }

  /** As everywhere else; and what follows is read as everything else. */
  #refuse(error: unknown): void {
    if (this.#socket.destroyed) return;
    this.#leave();
    const socket = this.#socket;
    const { exchange, publishing, giveBack } = this.#options;
    // What comes until it is given back is for who reads it then.
    socket.pause();
    const res = new ServerResponse(exchange.req);
    res.shouldKeepAlive = !this.#closing;
    socket.on('error', onError);
    res.assignSocket(socket);
    res.once('finish', () => {
      res.detachSocket(socket);
      socket.off('error', onError);
      if (this.#closing) socket.destroySoon();
      else if (!socket.destroyed) giveBack(socket, this.#early ?? NOTHING);
    });
    publishing.refuse(error, res);
  }

  #next(): void {
    this.#busy = false;
    const early = this.#early;
    this.#early = undefined;
    if (early !== undefined) {
      this.#socket.resume();
      this.#take(early);
    } else if (this.#closing) this.#socket.destroySoon();
  }

  #giveBack(bytes: Buffer): void {
    this.#leave();
    this.#options.giveBack(this.#socket, bytes);
  }

  #leave(): void {
    this.#socket[laneOf] = undefined;
    for (const [event, listener] of LISTENERS) this.#socket.off(event, listener);
    this.#socket.setTimeout(0);
    this.#options.ended(this);
  }
}

function onData(this: Socket, bytes: Buffer): void {
  this[laneOf]?.heard(bytes);
}

/** Half-closed: it says nothing more, and may wait for an answer. */
function onEnd(this: Socket): void {
  this[laneOf]?.close();
}

function onTimeout(this: Socket): void {
  this[laneOf]?.idle();
}

function onClose(this: Socket): void {
  this[laneOf]?.gone();
}

/** A reset is an ordinary way for a client to leave; 'close' follows. */
function onError(): void {}

const LISTENERS = [
  ['data', onData],
  ['end', onEnd],
  ['timeout', onTimeout],
  ['close', onClose],
  ['error', onError],
] as const;
