/** One keep-alive HTTP connection that publishes, one request at a time. */
import { connect } from 'node:net';
import { fill } from './template.mjs';

export class Publisher {
  #socket;
  #plan;
  #answered;
  #failed;
  #text = '';

  /** `failed(reason)`: the connection ended, or a publish was refused. */
  constructor(plan, failed) {
    this.#plan = plan;
    this.#failed = failed;
    this.#socket = connect({ port: plan.port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (bytes) => this.#read(bytes.toString('latin1')));
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#fail('publisher closed'));
  }

  get idle() {
    return this.#answered === undefined;
  }

  /** `answered` is called once, when the server has said yes. */
  publish(channel, payload, answered) {
    const { path, body, headers, port } = this.#plan;
    this.#answered = answered;
    const text = fill(body, { c: channel, p: payload });
    const head = `POST ${fill(path, { c: channel })} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}`;
    this.#socket.write(`${head}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  end() {
    this.#failed = undefined;
    this.#socket.resetAndDestroy();
  }

  #fail(reason) {
    this.#failed?.(reason);
    this.#failed = undefined;
  }

  #read(text) {
    this.#text += text;
    const end = this.#text.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#text.slice(0, end);
    const length = /content-length: *(\d+)/i.exec(head);
    const isWhole = length ? this.#text.length >= end + 4 + Number(length[1]) : this.#text.endsWith('0\r\n\r\n');
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
}
