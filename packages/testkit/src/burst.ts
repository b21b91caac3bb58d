/** Publishers that keep a server busy and remember what became of each publish, for the oracle. */
import type { Published } from './delivery-oracle.ts';

export interface BurstOptions {
  /** Asked anew for every publish: a server may move. */
  readonly url: string;
  readonly apiKey: string;
  readonly channel: string;
  readonly event: string;
  /** @default 3 */
  readonly publishers?: number;
  /** Begins the names of the publishers: several bursts on one channel have one each. @default 'p' */
  readonly prefix?: string;
  /** Pause of each publisher between two publishes. @default 25 */
  readonly everyMs?: number;
  /** A publish without an answer is given up after this, its fate unknown. @default 2000 */
  readonly timeoutMs?: number;
}

const MARK_WITHIN_MS = 20_000;

/** Each publisher sends `<prefix><n>-1`, `<prefix><n>-2`, ... one after the other, whatever becomes of them. */
export class Burst {
  readonly published: Published[] = [];
  readonly #options: BurstOptions;
  readonly #running: Promise<void>[];
  #stopped = false;
  #marks = 0;

  constructor(options: BurstOptions) {
    this.#options = options;
    this.#running = Array.from({ length: options.publishers ?? 3 }, (_, index) => this.#run(index + 1));
  }

  get acked(): number {
    return this.published.filter(({ outcome }) => outcome === 'acked').length;
  }

  /** Stops. What was published and not answered yet is known by then. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  /** Publishes `end-<n>` until one is acked, and returns it: who was handed that one has had its chance of all before. */
  async mark(): Promise<string> {
    const deadline = Date.now() + MARK_WITHIN_MS;
    for (;;) {
      this.#marks += 1;
      const payload = `end-${this.#marks}`;
      if ((await this.#publish(payload)) === 'acked') return payload;
      if (Date.now() > deadline) throw new Error('The server takes no publish any more.');
      await pause(100);
    }
  }

  async #run(publisher: number): Promise<void> {
    for (let count = 1; !this.#stopped; count += 1) {
      await this.#publish(`${this.#options.prefix ?? 'p'}${publisher}-${count}`);
      await pause(this.#options.everyMs ?? 25);
    }
  }

  async #publish(payload: string): Promise<Published['outcome']> {
    const { url, apiKey, channel, event, timeoutMs = 2000 } = this.#options;
    // Noted before it is known: a reader may be faster than the answer.
    const index = this.published.push({ payload, outcome: 'unknown' }) - 1;
    try {
      const response = await fetch(`${url}/live/api/publish`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
        body: JSON.stringify({ channel, event, data: payload }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer: unknown = await response.json();
      const outcome = response.ok ? 'acked' : response.status < 500 ? 'failed' : 'unknown';
      this.published[index] = { payload, outcome, position: response.ok ? positionOf(answer) : undefined };
    } catch {
      // No answer: it may be stored or not.
    }
    return this.published[index]?.outcome ?? 'unknown';
  }
}

function positionOf(answer: unknown): string | undefined {
  const position = typeof answer === 'object' && answer !== null && 'position' in answer ? answer.position : undefined;
  return typeof position === 'string' ? position : undefined;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
