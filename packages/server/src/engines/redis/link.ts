/** One connection to Redis that is made again whenever it breaks. Nothing is ever sent twice: that is for who asked to decide. */
import type { OpenClient, RedisClient } from './driver.ts';

export interface LinkOptions {
  readonly open: OpenClient;
  /** What CLIENT LIST shows. */
  readonly name: string;
  /** For an answer, and for a connection to stand. */
  readonly timeoutMs: number;
  /** Makes a new connection usable. Rejects with why it is not. */
  readonly prepare: (client: RedisClient) => Promise<void>;
  /** It stands. */
  readonly onUp: (client: RedisClient) => void;
  /** It stood, and broke. */
  readonly onDown: () => void;
}

/** A peer that answers nothing is noticed within this time and that of an answer. */
const HEARTBEAT_MS = 1000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 2000;

export class Link {
  readonly #options: LinkOptions;
  #client: RedisClient | undefined;
  #attempt: RedisClient | undefined;
  #failures = 0;
  #reason = 'Redis is not connected yet.';
  /** The reason without what strangers have no need to know. */
  #shown = this.#reason;
  /** Monotonic: since when nothing can be sent. */
  #downSince = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#connect();
  }

  /** undefined: it does not stand. */
  get client(): RedisClient | undefined {
    return this.#client;
  }

  /** Why it does not stand; undefined: it does. */
  get reason(): string | undefined {
    return this.#client === undefined ? this.#reason : undefined;
  }

  /** The same without addresses and users. */
  get shown(): string | undefined {
    return this.#client === undefined ? this.#shown : undefined;
  }

  get downForMs(): number {
    return this.#client === undefined ? performance.now() - this.#downSince : 0;
  }

  /** Gives this connection up for a new one. */
  drop(client: RedisClient, reason: string, shown: string = reason): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    this.#reason = reason;
    this.#shown = shown;
    this.#downSince = performance.now();
    client.disconnect();
    this.#again();
    this.#options.onDown();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#attempt?.disconnect();
    this.#client?.disconnect();
    this.#client = undefined;
    this.#reason = 'The engine is closed.';
    this.#shown = this.#reason;
  }

  #lost(client: RedisClient, error: unknown): void {
    this.drop(client, describe(error), describeToStrangers(error));
  }

  #connect(): void {
    const client = this.#options.open({
      lazyConnect: true,
      // Redis 6 knows RESP 3 as well, but in RESP 2 a subscribed connection is the same on every version and proxy.
      protocol: 2,
      connectionName: this.#options.name,
      disableClientInfo: true,
      connectTimeout: this.#options.timeoutMs,
      disconnectTimeout: this.#options.timeoutMs,
      retryStrategy: () => null,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      autoResubscribe: false,
      autoResendUnfulfilledCommands: false,
    });
    let failure: Error | undefined;
    client.on('error', (error: Error) => {
      failure = error;
    });
    client.once('end', () => this.#lost(client, failure ?? new Error('The connection closed.')));
    this.#attempt = client;
    within(this.#options.timeoutMs, this.#open(client)).then(
      () => this.#stands(client),
      (error: unknown) => this.#failed(client, failure ?? error),
    );
  }

  async #open(client: RedisClient): Promise<void> {
    await client.connect();
    await this.#options.prepare(client);
  }

  #stands(client: RedisClient): void {
    if (this.#closed || this.#attempt !== client) return;
    this.#attempt = undefined;
    this.#failures = 0;
    this.#client = client;
    this.#timer = setTimeout(() => this.#beat(client), HEARTBEAT_MS);
    this.#options.onUp(client);
    // It ended between its last answer and this turn: nobody would say so again.
    if (client.status !== 'ready') this.drop(client, 'The connection closed.');
  }

  #failed(client: RedisClient, error: unknown): void {
    client.disconnect();
    if (this.#closed || this.#attempt !== client) return;
    this.#attempt = undefined;
    this.#reason = describe(error);
    this.#shown = describeToStrangers(error);
    this.#again();
  }

  /** Full jitter: servers that lost the same Redis do not come back in step. */
  #again(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    const longest = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), Math.random() * longest);
    this.#timer.unref();
  }

  #beat(client: RedisClient): void {
    within(this.#options.timeoutMs, client.ping()).then(
      () => {
        if (this.#client === client) this.#timer = setTimeout(() => this.#beat(client), HEARTBEAT_MS);
      },
      (error: unknown) => this.#lost(client, error),
    );
  }
}

/** Rejects when the work takes longer. The work itself goes on. */
function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = afterMs(ms, () => reject(new Error(`no answer within ${ms} ms`)));
    work.then(resolve, reject).finally(stop);
  });
}

/** Calls back after a time, unless stopped. Where the loop was held, the answers that lie in the socket are read first. */
export function afterMs(ms: number, callback: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    immediate = setImmediate(callback);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `Redis cannot be used: ${text.replace(/\.$/, '')}.`;
}

/** What the network or Redis says may hold an address or the name of a user: their code has neither. */
function describeToStrangers(error: unknown): string {
  if (!(error instanceof Error)) return 'Redis cannot be used.';
  const code = 'code' in error ? String(error.code) : error.name === 'ReplyError' ? error.message.split(' ', 1)[0] : '';
  return code === '' ? describe(error) : `Redis cannot be used (${code}).`;
}
