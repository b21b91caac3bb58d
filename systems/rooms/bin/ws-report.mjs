/** What the two checks of a running server share: where it is, steps with a deadline, a report, an exit code. */
import { WebSocket } from 'ws';

const STEP_MS = 5000;

/** `URL=https://host` or `ws://host`; the server of `npm start` otherwise. */
export function serverUrl(given = process.env.URL ?? process.argv[2]) {
  const url = new URL(given ?? 'http://localhost:3001');
  url.protocol = url.protocol.replace(/^ws/, 'http');
  return url;
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Runs steps one after the other and says of each whether it held; what follows one that failed is still tried. */
export class Report {
  #failed = 0;
  #skipped = 0;
  #count = 0;

  async step(name, work) {
    this.#count += 1;
    const startedAt = performance.now();
    try {
      const value = await inTime(work());
      const ms = Math.round(performance.now() - startedAt);
      say(`  ok    ${name.padEnd(58)} ${String(ms).padStart(5)} ms`);
      return value;
    } catch (error) {
      this.#failed += 1;
      say(`  FAIL  ${name}\n        ${error.message.split('\n').join('\n        ')}`);
      return undefined;
    }
  }

  /** A step that was left out, and how to have it. */
  skip(name, why) {
    this.#skipped += 1;
    say(`  skip  ${name}\n        ${why}`);
  }

  /** Sets the exit code. */
  end(what) {
    const held = this.#count - this.#failed;
    const rest = [
      ...(this.#failed === 0 ? [] : [`${this.#failed} failed`]),
      ...(this.#skipped === 0 ? [] : [`${this.#skipped} skipped`]),
    ];
    say(`\n  ${[`${what}: ${held} of ${this.#count} held`, ...rest].join(', ')}.`);
    process.exitCode = this.#failed === 0 && this.#count > 0 ? 0 : 1;
  }
}

/** A client of `/ws` that waits for what it expects. Every one that was opened is closed by `closeAll`. */
export class Probe {
  static #open = new Set();
  #messages = [];
  #waiting = [];

  static async connect(url) {
    const target = new URL('/ws', url);
    target.protocol = target.protocol.replace(/^http/, 'ws');
    const probe = new Probe(new WebSocket(target, { handshakeTimeout: STEP_MS }));
    Probe.#open.add(probe);
    await new Promise((resolve, reject) => {
      probe.socket.once('open', resolve);
      probe.socket.once('error', (error) =>
        reject(new Error(`cannot connect to ${target}: ${error.message || error.code}`)),
      );
    });
    return probe;
  }

  /** Nothing of ours stays at the server. */
  static async closeAll() {
    await Promise.all([...Probe.#open].map((probe) => probe.close().catch(() => probe.socket.terminate())));
  }

  constructor(socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => {
      this.#messages.push(JSON.parse(String(data)));
      for (const look of this.#waiting.splice(0)) look();
    });
  }

  send(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message not taken yet that has these fields. */
  expect(fields) {
    return this.expectAny([fields]);
  }

  async expectAny(choices) {
    for (;;) {
      const at = this.#messages.findIndex((message) => choices.some((fields) => fits(message, fields)));
      if (at !== -1) return this.#messages.splice(at, 1)[0];
      await inTime(new Promise((resolve) => this.#waiting.push(resolve)), () => {
        const got = this.#messages.map((message) => JSON.stringify(message)).join('\n') || 'nothing';
        return `expected ${choices.map((fields) => JSON.stringify(fields)).join(' or ')}\ngot ${got}`;
      });
    }
  }

  async ask(message, fields) {
    this.send(message);
    return this.expect(fields);
  }

  /** The close code that the server answers with. */
  close() {
    Probe.#open.delete(this);
    if (this.socket.readyState === WebSocket.CLOSED) return Promise.resolve(undefined);
    const closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.close(1000);
    return inTime(closed);
  }
}

/** Fails with words when a fact is none. */
export function must(holds, words) {
  if (!holds) throw new Error(words);
}

function fits(message, fields) {
  return Object.entries(fields).every(([name, value]) => JSON.stringify(message[name]) === JSON.stringify(value));
}

async function inTime(work, words = () => `no answer within ${STEP_MS} ms`) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(words())), STEP_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
