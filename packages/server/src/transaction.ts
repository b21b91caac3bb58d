/** Typed transactions on an engine that has them: a system's rows and its events in one commit. */

import type { PublishOptions, SetOptions } from './channels/channel-handles.ts';
import type { ChannelMap } from './channels/channel-map.ts';
import { FanfareError, unavailableAsError } from './channels/fanfare-error.ts';
import type { OpenChannels } from './channels/open-channels.ts';
import type { Publisher } from './channels/publisher.ts';
import type { Engine, Hub } from './core/index.ts';
import type { EngineTransaction, SqliteEngine } from './engines/index.ts';
import type { Transaction } from './fanfare.ts';

/** An engine with the extra ability. */
type TransactionalEngine = Engine & Pick<SqliteEngine, 'transaction' | 'database'>;

export interface TransactionsOptions {
  readonly engine: Engine;
  readonly channels: OpenChannels;
  readonly publisher: Publisher;
  readonly hub: Hub;
}

export class Transactions {
  readonly #engine: Engine;
  readonly #channels: OpenChannels;
  readonly #publisher: Publisher;
  readonly #hub: Hub;

  constructor({ engine, channels, publisher, hub }: TransactionsOptions) {
    this.#engine = engine;
    this.#channels = channels;
    this.#publisher = publisher;
    this.#hub = hub;
  }

  async run<M extends ChannelMap, T>(work: (tx: Transaction<M>) => T): Promise<T> {
    const engine = this.#engine;
    if (!isTransactional(engine)) {
      throw new FanfareError('TRANSACTIONS_UNSUPPORTED', { details: { engine: engine.name } });
    }
    this.#channels.assertOpen();
    let events = 0;
    const result = await unavailableAsError(
      engine.transaction((tx) => {
        const verbs = new TransactionVerbs<M>(tx, this.#publisher);
        const value = work(verbs);
        events = verbs.appended;
        return value;
      }),
    );
    this.#hub.countPublished(events);
    return result;
  }
}

/** Valid until `work` returns; the engine's transaction refuses later use. */
class TransactionVerbs<M extends ChannelMap> implements Transaction<M> {
  readonly database: Transaction<M>['database'];
  appended = 0;
  readonly #tx: EngineTransaction;
  readonly #publisher: Publisher;

  constructor(tx: EngineTransaction, publisher: Publisher) {
    this.database = tx.database;
    this.#tx = tx;
    this.#publisher = publisher;
  }

  // `never` fits whatever the interface promises for a name.
  channel(channel: string): never;
  channel(channel: string): unknown {
    return {
      publish: (event: string, data: unknown, options: PublishOptions = {}): void => {
        this.#append(this.#publisher.preparePublish({ ...options, channel, event, data }));
      },
      set: (value: unknown, options: SetOptions = {}): void => {
        this.#append(this.#publisher.prepareSet({ ...options, channel, data: value }));
      },
    };
  }

  #append(request: Parameters<EngineTransaction['append']>[0]): void {
    this.#tx.append(request);
    this.appended += 1;
  }
}

function isTransactional(engine: Engine): engine is TransactionalEngine {
  return 'transaction' in engine && typeof engine.transaction === 'function';
}
