/**
 * One subscriber. It parses nothing but the handshake, and looks for stamps: what it costs is small beside what a delivery costs
 * the server.
 */
import { openConnection, received } from './connection.mjs';
import { Stamps } from './stamps.mjs';
import { fill } from './template.mjs';
import { textFrame, upgradeHead } from './websocket.mjs';

const stamps = new Stamps();
/** Kept of the end of what was read, where ids are looked for. */
const LAST_TEXT_BYTES = 1024;

export class Subscriber {
  /** What the server said last, where `keepText` asked for it. */
  lastText = '';
  /** What `capture` of the plan found in the handshake. */
  captured = '';
  #plan;
  #listener;
  #connection;
  /** Text of the handshake so far; undefined: it is over. */
  #handshake = '';
  #step = 0;
  /** The beginning of a stamp whose end is still to come. */
  #rest;
  #keepText;

  /** `listener`: `ready()`, `events(stamps)`, `failed(reason)`. The stamps are good until `events` returns. */
  constructor(plan, listener, { keepText = false } = {}) {
    this.#plan = plan;
    this.#listener = listener;
    this.#keepText = keepText;
    this.#connection = openConnection(plan.port, this);
  }

  /** Reads no more: the server's bytes pile up. */
  stall() {
    this.#connection.stall();
  }

  end() {
    this.#listener = undefined;
    this.#connection.end();
  }

  /** Of the connection. */
  connected() {
    const { path, channel, headers = '', wire, port } = this.#plan;
    const accept = wire === 'ws' ? upgradeHead() : 'Accept: text/event-stream\r\n';
    this.#connection.write(
      `GET ${fill(path, { c: channel })} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${accept}${headers}\r\n`,
    );
  }

  /** Of the connection. */
  read(length) {
    if (this.#handshake === undefined) this.#scan(received, length);
    else this.#shake(received.latin1Slice(0, length));
  }

  /** Of the connection. */
  ended(reason) {
    this.#listener?.failed(reason);
    this.#listener = undefined;
  }

  /** Head of the answer, then what the plan expects, one after the other; each is followed by what it says next. */
  #shake(text) {
    this.#handshake += text;
    if (this.#step === 0) {
      const end = this.#handshake.indexOf('\r\n\r\n');
      if (end === -1) return;
      const status = this.#handshake.slice(9, 12);
      if (status !== (this.#plan.wire === 'ws' ? '101' : '200')) {
        this.ended(`answered ${this.#handshake.slice(0, end).split('\r\n')[0]}`);
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
    const rest = Buffer.from(this.#handshake, 'latin1');
    this.#handshake = undefined;
    this.#listener.ready();
    if (rest.length > 0) this.#scan(rest, rest.length);
  }

  #next(used) {
    this.#handshake = this.#handshake.slice(used);
    const message = this.#plan.say?.[this.#step];
    this.#step += 1;
    if (message) this.#connection.write(textFrame(fill(message, { c: this.#plan.channel })));
  }

  #scan(bytes, length) {
    if (this.#keepText) this.lastText = (this.lastText + bytes.latin1Slice(0, length)).slice(-LAST_TEXT_BYTES);
    if (this.#rest === undefined) this.#found(bytes, length);
    else {
      const whole = Buffer.concat([this.#rest, bytes.subarray(0, length)]);
      this.#rest = undefined;
      this.#found(whole, whole.length);
    }
  }

  #found(bytes, length) {
    stamps.find(bytes, length);
    if (stamps.used < length) this.#rest = Buffer.from(bytes.subarray(stamps.used, length));
    if (stamps.count > 0) this.#listener?.events(stamps);
  }
}
