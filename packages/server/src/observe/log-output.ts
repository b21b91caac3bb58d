/**
 * Where log lines go: a descriptor whose reader may be slow, or stop reading. Then lines wait in memory and not the server, which a write
 * to a full pipe would stop; those beyond 1 MiB are dropped, and counted in a line of their own once the reader goes on.
 */
import { write } from 'node:fs';

const STDOUT = 1;
const MAX_WAITING_BYTES = 1024 * 1024;
/** A descriptor that does not block says that it is full, and not when it has room. */
const RETRY_MS = 100;

export class LogOutput {
  readonly #fd: number;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #isWriting = false;
  #dropped = 0;
  #flushed: (() => void)[] = [];

  /** `fd`: @default standard output */
  constructor(fd: number = STDOUT) {
    this.#fd = fd;
  }

  /** One line, or several. */
  write(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#bytes + bytes.length > MAX_WAITING_BYTES) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (!this.#isWriting) this.#next();
  }

  /** Calls back when everything has left; at once where nothing waits, and never where the reader has stopped for good. */
  flush(done: () => void): void {
    if (this.#bytes === 0) done();
    else this.#flushed.push(done);
  }

  #next(): void {
    if (this.#bytes === 0) {
      this.#isWriting = false;
      if (this.#dropped > 0) this.#tellDropped();
      for (const done of this.#flushed.splice(0)) done();
      return;
    }
    this.#isWriting = true;
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [bytes];
    write(this.#fd, bytes, (error, written) => {
      if (error?.code === 'EAGAIN') {
        setTimeout(() => this.#next(), RETRY_MS).unref();
        return;
      }
      // Nobody will ever read what a closed pipe was given.
      this.#left(error === null ? written : this.#bytes);
      this.#next();
    });
  }

  /** Lines may have come meanwhile, behind what was written. */
  #left(count: number): void {
    const all = Buffer.concat(this.#waiting);
    this.#bytes = Math.max(0, all.length - count);
    this.#waiting = this.#bytes === 0 ? [] : [all.subarray(count)];
  }

  #tellDropped(): void {
    const lines = this.#dropped;
    this.#dropped = 0;
    this.write(
      `${JSON.stringify({ level: 40, time: Date.now(), lines, msg: 'log lines dropped: nobody read them' })}\n`,
    );
  }
}
