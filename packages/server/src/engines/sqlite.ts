/** The default engine: one process, durable, in one SQLite file. */
import type { Engine } from '../core/ports/broker.ts';
import type { Clock } from '../core/ports/clock.ts';
import { IDEMPOTENCY_DEFAULTS, type IdempotencyBounds } from './idempotency-window.ts';
import { atomically } from './sqlite/atomically.ts';
import { ChannelTable } from './sqlite/channel-table.ts';
import { Checkpointer } from './sqlite/checkpointer.ts';
import type { SqlDatabase } from './sqlite/driver.ts';
import { EventStore } from './sqlite/event-store.ts';
import { openDatabaseFile } from './sqlite/file.ts';
import { FreshEvents } from './sqlite/fresh-events.ts';
import { SeenKeys } from './sqlite/seen-keys.ts';
import { endSession } from './sqlite/session-mark.ts';
import { type EngineTransaction, SqliteBroker } from './sqlite/sqlite-broker.ts';
import { Sweeper } from './sqlite/sweeper.ts';
import { systemDatabase } from './sqlite/system-database.ts';

/** Options of `sqlite()`. */
export interface SqliteOptions {
  /** The database file; its folder is made where it is missing. `:memory:`: no file, all of it ends with the engine. */
  readonly path: string;
  /** @default the system's wall clock */
  readonly clock?: Pick<Clock, 'wallTime'>;
  /** How many idempotency keys are remembered, and for how long. @default 100,000 for 24 hours */
  readonly idempotency?: Partial<IdempotencyBounds>;
  /** Appends and transactions that may wait for their commit; beyond it they are refused. @default 50_000 */
  readonly maxPending?: number;
  /** Between two sweeps for events that grew too old in idle channels. @default 30_000 */
  readonly sweepIntervalMs?: number;
}

/** What `sqlite()` opens: an engine whose file an application's own tables may share. */
export interface SqliteEngine extends Engine {
  /** The same file for a system's own tables. Its statements run at once; several rows change together in `transaction`. */
  readonly database: SqlDatabase;
  /**
   * Runs `work` in the commit of this turn: its rows and its events become durable together, or not at all, and
   * followers see the events only after it. `work` is synchronous. A throw in it undoes this work alone and rejects
   * with what was thrown; a commit that fails rejects with EngineUnavailable.
   */
  transaction<T>(work: (tx: EngineTransaction) => T): Promise<T>;
}

/**
 * Opens the engine. All appends and transactions of one turn of the event loop are one commit (WAL, synchronous=NORMAL):
 * the ack `committed` survives kill -9 of the process. Throws EngineFileRefused for a file that is in use, damaged,
 * foreign or of a newer version, and leaves it as it was.
 */
export function sqlite(options: string | SqliteOptions): SqliteEngine {
  const {
    path,
    clock = { wallTime: Date.now },
    maxPending = 50_000,
    sweepIntervalMs: intervalMs = 30_000,
    ...rest
  } = typeof options === 'string' ? { path: options } : options;
  const { path: file, database, epoch, ack, release } = openDatabaseFile(path);
  const fresh = new FreshEvents(database);
  const channels = new ChannelTable(database, fresh);
  const events = new EventStore(database, { channels, fresh, epoch });
  const seen = new SeenKeys(database, { ...IDEMPOTENCY_DEFAULTS, ...rest.idempotency });
  const forSystems = systemDatabase(database);
  const broker = new SqliteBroker({
    database,
    systemDatabase: forSystems,
    epoch,
    ack,
    clock,
    channels,
    events,
    seen,
    maxPending,
    onCommit: () => checkpointer.committed(),
  });
  const checkpointer = new Checkpointer({
    path: file,
    onPause: () => broker.pause(),
    onResume: () => broker.resume(),
    onBroken: () => database.exec('PRAGMA wal_autocheckpoint = 4000'),
  });
  const onFailure = (error: unknown) => {
    broker.forget();
    broker.health.failed(error);
  };
  const onCommit = () => checkpointer.committed();
  const sweeper = new Sweeper({ database, channels, events, seen, clock, intervalMs, onFailure, onCommit });
  let closing: Promise<void> | undefined;
  const close = async () => {
    sweeper.stop();
    broker.close();
    const moving = checkpointer.close();
    if (moving !== undefined) await moving;
    settle(database, events);
    database.close();
    release();
  };
  return {
    name: 'sqlite',
    broker,
    database: forSystems,
    transaction: (work) => broker.transaction(work),
    health() {
      const reason = closing !== undefined ? 'The engine is closed.' : broker.health.reason;
      return reason === undefined ? { ready: true } : { ready: false, reason };
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Moves the log into the file, so that the file alone is complete. A full disk leaves it in the log, which is complete too. */
function settle(database: SqlDatabase, events: EventStore): void {
  try {
    atomically(database, () => events.placeAll());
    endSession(database);
  } catch {
    return;
  }
}
