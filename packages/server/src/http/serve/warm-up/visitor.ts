/** One client of a warm-up: says something, and waits for what it knows will come. */
import { connect, type Socket } from 'node:net';

/** One for all: what is read is looked at at once. */
const buffer = Buffer.alloc(65_536);

export class Visitor {
  readonly #socket: Socket;
  #heard = '';
  #awaited = '';
  #tell: (() => void) | undefined;

  constructor(port: number, host: string) {
    const callback = (size: number): boolean => this.#hear(buffer.toString('latin1', 0, size));
    this.#socket = connect({ port, host, noDelay: true, onread: { buffer, callback } });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#tell?.());
  }

  /** Resolves with what was heard, once the text is in it, or the wire has ended. */
  ask(bytes: string | Buffer, text: string): Promise<string> {
    this.#socket.write(bytes);
    return this.hears(text);
  }

  /** The same, of what comes by itself. */
  async hears(text: string): Promise<string> {
    this.#awaited = text;
    if (!this.#socket.destroyed && !this.#heard.includes(text)) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
      this.#tell = undefined;
    }
    const heard = this.#heard;
    this.#heard = '';
    return heard;
  }

  /** As a client that has no more to say, and not as one whose machine is gone. */
  async leave(): Promise<void> {
    if (this.#socket.destroyed) return;
    // Not `once` of events: it rejects where the socket fails before it closes.
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.end();
    await closed;
  }

  #hear(text: string): true {
    this.#heard += text;
    if (this.#heard.includes(this.#awaited)) this.#tell?.();
    return true;
  }
}
