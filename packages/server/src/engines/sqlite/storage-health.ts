/** Whether the file takes writes. After a failure it is tried again in the background until it does. */
import { EngineUnavailable } from '../../core/ports/broker.ts';
import { atomically } from './atomically.ts';
import { type SqlDatabase, storageFailure } from './driver.ts';

const PROBE_INTERVAL_MS = 1000;
/** More than the free pages that a failed write may have left, so that a full disk shows. */
const PROBE_BYTES = 65_536;

export class StorageHealth {
  readonly #database: SqlDatabase;
  #reason: string | undefined;
  #probe: NodeJS.Timeout | undefined;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** Why nothing can be written at present; undefined: it can. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Records a failed commit. The error is what its publishers get. */
  failed(cause: unknown): EngineUnavailable {
    const detail = cause instanceof Error ? cause.message : String(cause);
    this.#reason = `The database file cannot be written (${storageFailure(cause) ?? 'failure'}): ${detail}.`;
    this.#probe ??= setInterval(() => this.#try(), PROBE_INTERVAL_MS).unref();
    return new EngineUnavailable(this.#reason, { cause });
  }

  succeeded(): void {
    this.#reason = undefined;
    this.stop();
  }

  stop(): void {
    clearInterval(this.#probe);
    this.#probe = undefined;
  }

  /** Writes and removes a few pages: an append that needs no new page would succeed on a full disk. */
  #try(): void {
    try {
      atomically(this.#database, () => {
        this.#database.exec(`INSERT OR REPLACE INTO fanfare_meta VALUES ('probe', zeroblob(${PROBE_BYTES}))`);
      });
      atomically(this.#database, () => this.#database.exec("DELETE FROM fanfare_meta WHERE name = 'probe'"));
      this.succeeded();
    } catch (error) {
      this.failed(error);
    }
  }
}
