/** The two connections of one engine, to one and the same Redis: commands over the first, what is followed over the second. */
import type { Ack } from '@fanfare/protocol';
import type { OpenClient, RedisClient } from './driver.ts';
import type { KeyLayout } from './key-layout.ts';
import { Link } from './link.ts';
import { loadScripts, SCRIPTS } from './scripts.ts';
import { inspectServer } from './server-facts.ts';

export interface LinkPairOptions {
  readonly open: OpenClient;
  readonly keys: KeyLayout;
  /** Names this process. */
  readonly origin: string;
  readonly timeoutMs: number;
  readonly onCommands: () => void;
  readonly onSubscription: (client: RedisClient) => void;
  readonly onSubscriptionLost: () => void;
}

/** Of the Redis that answers now. */
export interface AnsweringServer {
  /** Its run, and whether everything that it answers for is on disk by then. */
  readonly mark: string;
  readonly ack: Ack;
}

export class LinkPair {
  readonly commands: Link;
  readonly subscription: Link;
  readonly #options: LinkPairOptions;
  #server: AnsweringServer = { mark: '', ack: 'accepted' };
  #commandsRun = '';
  #subscriptionRun = '';

  constructor(options: LinkPairOptions) {
    const { onCommands, onSubscription, onSubscriptionLost, open, timeoutMs } = options;
    this.#options = options;
    this.commands = new Link({
      ...{ open, timeoutMs, name: 'fanfare' },
      prepare: (client) => this.#begin(client),
      onUp: () => {
        this.#agree();
        onCommands();
      },
      onDown: () => undefined,
    });
    this.subscription = new Link({
      ...{ open, timeoutMs, name: 'fanfare-follow' },
      prepare: async (client) => {
        this.#subscriptionRun = (await inspectServer(client)).run;
      },
      onUp: (client) => {
        onSubscription(client);
        this.#agree();
      },
      onDown: onSubscriptionLost,
    });
  }

  get server(): AnsweringServer {
    return this.#server;
  }

  /** Why nothing can be sent or heard; undefined: both can. */
  get reason(): string | undefined {
    return this.commands.reason ?? this.subscription.reason;
  }

  /** The same for strangers. */
  get shown(): string | undefined {
    return this.commands.shown ?? this.subscription.shown;
  }

  close(): void {
    this.commands.close();
    this.subscription.close();
  }

  async #begin(client: RedisClient): Promise<void> {
    const { keys, origin } = this.#options;
    const { ack, run, wasPromoted } = await inspectServer(client);
    await loadScripts(client);
    const keeps = ack === 'durable' ? '1' : '0';
    await client.evalsha(SCRIPTS.open.sha, 1, keys.history, keys.probe, run, keeps, wasPromoted ? '1' : '0', origin);
    this.#commandsRun = run;
    this.#server = { mark: `${run}:${keeps}`, ack };
  }

  /** When the primary changes, another server may stand behind the address for one than for the other. */
  #agree(): void {
    const { client } = this.subscription;
    if (client === undefined || this.commands.client === undefined) return;
    if (this.#commandsRun === this.#subscriptionRun) return;
    this.subscription.drop(client, 'Redis cannot be used: two servers answer at its address.');
  }
}
