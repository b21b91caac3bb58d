/** One keep-alive HTTP connection that publishes, one request at a time. */
import { openConnection, received } from './connection.mjs';
import { stampedJson, writeDigits, writeStamp } from './payload.mjs';
import { channelName, fill } from './template.mjs';

/** Stand in the request where each publish puts its own. */
const ANY_CHANNEL = channelName(999_999);
const ANY_STAMP = '^99999999';

export class Publisher {
  #connection;
  /** The whole request. Only number, time and channel are written anew, and not before the last one was answered. */
  #request;
  #channelsAt;
  #stampsAt;
  #answered;
  #failed;
  #text = '';
  #isConnected = false;

  /** `failed(reason)`: the connection ended, or a publish was refused. */
  constructor(plan, payloadBytes, failed) {
    const text = requestText(plan, payloadBytes);
    this.#request = Buffer.from(text, 'latin1');
    this.#channelsAt = placesOf(ANY_CHANNEL, text);
    this.#stampsAt = placesOf(ANY_STAMP, text);
    this.#failed = failed;
    this.#connection = openConnection(plan.port, this);
  }

  get idle() {
    return this.#answered === undefined;
  }

  /** `answered` is called once, when the server has said yes. */
  publish(channel, sequence, timeUs, answered) {
    this.#answered = answered;
    for (const at of this.#stampsAt) writeStamp(this.#request, at, sequence, timeUs);
    for (const at of this.#channelsAt) writeDigits(this.#request, at + 1, ANY_CHANNEL.length - 1, channel);
    // What is published before the connection stands is sent when it does.
    if (this.#isConnected) this.#connection.write(this.#request);
  }

  end() {
    this.#failed = undefined;
    this.#connection.end();
  }

  /** Of the connection. */
  connected() {
    this.#isConnected = true;
    if (!this.idle) this.#connection.write(this.#request);
  }

  /** Of the connection. */
  ended(reason) {
    this.#fail(`publisher: ${reason}`);
  }

  /** Of the connection. */
  read(length) {
    this.#text += received.latin1Slice(0, length);
    const end = this.#text.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#text.slice(0, end);
    const bytes = /content-length: *(\d+)/i.exec(head);
    const isWhole = bytes ? this.#text.length >= end + 4 + Number(bytes[1]) : this.#text.endsWith('0\r\n\r\n');
    if (!isWhole) return;
    if (head[9] !== '2') {
      this.#fail(`a publish was answered ${this.#text.slice(0, 300)}`);
      return;
    }
    this.#text = '';
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.();
  }

  #fail(reason) {
    this.#failed?.(reason);
    this.#failed = undefined;
  }
}

function requestText({ path, body, headers, port }, payloadBytes) {
  const text = fill(body, { c: ANY_CHANNEL, p: stampedJson(99_999_999, 0, payloadBytes) });
  const head = `POST ${fill(path, { c: ANY_CHANNEL })} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}`;
  return `${head}Content-Length: ${text.length}\r\n\r\n${text}`;
}

function placesOf(wanted, text) {
  const places = [];
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1)) places.push(at);
  return places;
}
