/**
 * One subscriber on a raw socket. It reads with one buffer for all sockets, parses nothing but the handshake, and looks for
 * stamps: what it costs is small beside what a delivery costs the server.
 */
import { connect } from 'node:net';
import { STAMP_BYTE, STAMP_LENGTH, sequenceAt, timeAt } from './payload.mjs';
import { fill } from './template.mjs';
import { textFrame, upgradeHead } from './websocket.mjs';

const shared = Buffer.allocUnsafe(256 * 1024);
/** Kept of the end of what was read, where ids are looked for. */
const LAST_TEXT_BYTES = 1024;

export class Subscriber {
  /** What the server said last, where `keepText` asked for it. */
  lastText = '';
  /** What `capture` of the plan found in the handshake. */
  captured = '';
  #plan;
  #listener;
  #socket;
  /** Text of the handshake so far; undefined: it is over. */
  #handshake = '';
  #step = 0;
  #rest = Buffer.alloc(0);
  #keepText;

  /** `listener`: `ready()`, `event(sequence, timeUs)`, `failed(reason)`. */
  constructor(plan, listener, { keepText = false } = {}) {
    this.#plan = plan;
    this.#listener = listener;
    this.#keepText = keepText;
    const onread = { buffer: shared, callback: (length, bytes) => this.#read(bytes.subarray(0, length)) };
    this.#socket = connect({ port: plan.port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket.on('connect', () => this.#socket.write(this.#head()));
    this.#socket.on('error', (error) => this.#failed(error.message));
    this.#socket.on('close', () => this.#failed('closed'));
  }

  /** Reads no more: the server's bytes pile up. */
  stall() {
    this.#socket.pause();
  }

  end() {
    this.#listener = undefined;
    this.#socket.resetAndDestroy();
  }

  #head() {
    const { path, channel, headers = '', wire } = this.#plan;
    const accept = wire === 'ws' ? upgradeHead() : 'Accept: text/event-stream\r\n';
    const text = `GET ${fill(path, { c: channel })} HTTP/1.1\r\nHost: 127.0.0.1:${this.#plan.port}\r\n${accept}${headers}\r\n`;
    return text;
  }

  #failed(reason) {
    this.#listener?.failed(reason);
    this.#listener = undefined;
  }

  #read(bytes) {
    if (this.#listener === undefined) return true;
    if (this.#handshake === undefined) this.#scan(bytes);
    else this.#shake(bytes);
    return true;
  }

  /** Head of the answer, then what the plan expects, one after the other; each is followed by what it says next. */
  #shake(bytes) {
    this.#handshake += bytes.toString('latin1');
    if (this.#step === 0) {
      const end = this.#handshake.indexOf('\r\n\r\n');
      if (end === -1) return;
      const status = this.#handshake.slice(9, 12);
      if (status !== (this.#plan.wire === 'ws' ? '101' : '200')) {
        this.#failed(`answered ${this.#handshake.slice(0, end).split('\r\n')[0]}`);
        return;
      }
      this.#next(end + 4);
    }
    const { expect = [] } = this.#plan;
    while (this.#step <= expect.length) {
      const wanted = expect[this.#step - 1];
      const at = this.#handshake.indexOf(wanted);
      if (at === -1) return;
      if (this.#plan.capture !== undefined && this.captured === '') {
        this.captured = new RegExp(this.#plan.capture).exec(this.#handshake)?.[1] ?? '';
      }
      this.#next(at + wanted.length);
    }
    const rest = this.#handshake;
    this.#handshake = undefined;
    this.#listener.ready();
    if (rest.length > 0 && this.#listener !== undefined) this.#scan(Buffer.from(rest, 'latin1'));
  }

  #next(used) {
    this.#handshake = this.#handshake.slice(used);
    const message = this.#plan.say?.[this.#step];
    this.#step += 1;
    if (message) this.#socket.write(textFrame(fill(message, { c: this.#plan.channel })));
  }

  #scan(read) {
    let bytes = read;
    if (this.#keepText) this.lastText = (this.lastText + read.toString('latin1')).slice(-LAST_TEXT_BYTES);
    if (this.#rest.length > 0) {
      bytes = Buffer.concat([this.#rest, read]);
      this.#rest = this.#rest.subarray(0, 0);
    }
    let at = bytes.indexOf(STAMP_BYTE);
    while (at !== -1) {
      if (at + STAMP_LENGTH > bytes.length) {
        this.#rest = Buffer.from(bytes.subarray(at));
        return;
      }
      const sequence = sequenceAt(bytes, at);
      if (sequence !== -1) this.#listener?.event(sequence, timeAt(bytes, at));
      at = bytes.indexOf(STAMP_BYTE, sequence === -1 ? at + 1 : at + STAMP_LENGTH);
    }
  }
}
