/** Opens the database file of an engine, or refuses it without changing a byte. */
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makeFolder } from '../../platform/make-folder.ts';
import { newEpoch } from '../history.ts';
import { atomically } from './atomically.ts';
import { openSql, type SqlConnection, type SqlDatabase, storageFailure } from './driver.ts';
import { APPLICATION_ID, MIGRATIONS, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { beginSession } from './session-mark.ts';

/** Above this size the whole file is not checked at start: a row's checksum and SQLite's own checks stay. */
const CHECKED_BYTES = 256 * 1024 * 1024;
const BUSY_TIMEOUT_MS = 1000;
const EPOCH = /^[A-Za-z0-9]{8}$/;

/** Why a database file was not opened; docs/reference/engines.md says what to do about each. */
export type RefusalReason = 'in-use' | 'damaged' | 'foreign' | 'newer' | 'orphaned' | 'unusable';

/** Thrown by `sqlite()`: the file is not one to write to. Nothing was changed; the message says what to do next. */
export class EngineFileRefused extends Error {
  override readonly name = 'EngineFileRefused';
  readonly path: string;
  readonly reason: RefusalReason;
  constructor(refusal: {
    readonly path: string;
    readonly reason: RefusalReason;
    readonly message: string;
    readonly cause?: unknown;
  }) {
    super(refusal.message, { cause: refusal.cause });
    this.path = refusal.path;
    this.reason = refusal.reason;
  }
}

/** An open file of ours, held by this process alone. */
export interface DatabaseFile {
  readonly path: string;
  readonly database: SqlConnection;
  readonly epoch: string;
  /** What a commit is worth: a database in memory ends with the process. */
  readonly ack: 'accepted' | 'committed';
  /** Lets go of the lock; the connection is closed before. */
  release(): void;
}

/** SQLite's own name for a database without a file. */
const IN_MEMORY = ':memory:';

/** Creates the folder and the file where they are missing; `:memory:` has neither. Throws EngineFileRefused. */
export function openDatabaseFile(path: string): DatabaseFile {
  if (path === IN_MEMORY) return openInMemory();
  const file = locate(path);
  const release = lock(file);
  try {
    if (size(file) === 0) create(file);
    else inspect(file);
    return { path: file, ...openForWriting(file), ack: 'committed', release };
  } catch (error) {
    release();
    throw error instanceof EngineFileRefused ? error : unusable(file, error);
  }
}

function openForWriting(file: string): Pick<DatabaseFile, 'database' | 'epoch'> {
  const database = openSql(file, { busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    database.prepare('PRAGMA journal_mode = WAL').all();
    // checkpointer.ts moves the log into the file long before SQLite would. A longer one that begins anew is cut to 24 MB.
    database.exec('PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 16000; PRAGMA journal_size_limit = 25165824');
    migrate(database);
    return { database, epoch: beginSession(database, readEpoch(database, file)) };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Makes the tables of an older version those of this one, in one transaction. */
function migrate(database: SqlDatabase): void {
  const from = Number(pragma(database, 'user_version'));
  if (from === SCHEMA_VERSION) return;
  atomically(database, () => {
    for (let version = from; version < SCHEMA_VERSION; version += 1) database.exec(MIGRATIONS[version] ?? '');
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

/** Nobody else can open it and nothing of it is left behind: no lock, no log, no draft. */
function openInMemory(): DatabaseFile {
  const database = openSql(IN_MEMORY, { busyTimeoutMs: BUSY_TIMEOUT_MS });
  const epoch = newEpoch();
  database.exec(`${newDatabase(epoch)} PRAGMA foreign_keys = ON`);
  return { path: IN_MEMORY, database, epoch, ack: 'accepted', release: () => {} };
}

/** The one name of the file, however its folder was written. */
function locate(path: string): string {
  if (path === '') throw new TypeError("sqlite() needs the path of a file, or ':memory:'.");
  try {
    makeFolder(dirname(resolve(path)));
    return join(realpathSync(dirname(resolve(path))), basename(path));
  } catch (error) {
    throw unusable(path, error);
  }
}

/**
 * Holds an exclusive lock on an empty SQLite database beside the file. The operating system drops it with the process,
 * kill -9 included; SQLite also refuses a second holder within one process. The file itself stays readable for
 * `sqlite3` and backups.
 */
function lock(file: string): () => void {
  let guard: SqlConnection | undefined;
  try {
    guard = openSql(`${file}-lock`, { busyTimeoutMs: 0 });
    guard.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    guard?.close();
    if (storageFailure(cause) !== 'busy') throw unusable(file, cause);
    const message = `${file} is in use by another process. Stop that one first, or give this one a data folder of its own.`;
    throw new EngineFileRefused({ path: file, reason: 'in-use', message, cause });
  }
  const holder = guard;
  return () => {
    holder.exec('ROLLBACK');
    holder.close();
  };
}

/**
 * Written whole under another name first: under its own name a file is always complete, so its header can be trusted.
 * No prepared statement and no WAL yet: libsql closes a connection late when it has statements, and two names of one
 * file must not share a log.
 */
function create(file: string): void {
  for (const rest of [`${file}-wal`, `${file}-journal`]) {
    if (size(rest) === 0) continue;
    const message = `${file} is missing or empty, but ${rest} holds data of it. Put the file back, or move ${rest} away to begin a new history.`;
    throw new EngineFileRefused({ path: file, reason: 'orphaned', message });
  }
  const draft = `${file}-new`;
  for (const leftover of [draft, `${draft}-journal`]) rmSync(leftover, { force: true });
  const database = openSql(draft, { busyTimeoutMs: BUSY_TIMEOUT_MS });
  database.exec(newDatabase(newEpoch()));
  database.close();
  renameSync(draft, file);
}

function newDatabase(epoch: string): string {
  return `BEGIN; ${SCHEMA} INSERT INTO fanfare_meta VALUES ('epoch', '${epoch}');
    PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`;
}

/**
 * Reads without the right to write. Where no log waits beside the file it is opened as immutable, which leaves no trace
 * at all. The file is read through SQLite only: closing a descriptor of our own would drop the locks of this process.
 */
function inspect(file: string): void {
  if (!statSync(file).isFile()) throw new Error('it is not a file');
  accessSync(file, constants.R_OK | constants.W_OK);
  const immutable = size(`${file}-wal`) === 0 ? '&immutable=1' : '';
  const uri = `${pathToFileURL(file).href}?mode=ro`;
  try {
    readOnly(`${uri}&immutable=1`, (database) => checkHeader(file, database));
    readOnly(`${uri}${immutable}`, (database) => checkContent(file, database));
  } catch (error) {
    if (error instanceof EngineFileRefused) throw error;
    const found = storageFailure(error);
    throw found === undefined || found === 'damaged' || found === 'not a database' ? damaged(file, error) : error;
  }
}

function readOnly(uri: string, read: (database: SqlDatabase) => void): void {
  const database = openSql(uri, { busyTimeoutMs: BUSY_TIMEOUT_MS });
  try {
    read(database);
  } finally {
    database.close();
  }
}

function checkHeader(path: string, database: SqlDatabase): void {
  if (pragma(database, 'application_id') !== APPLICATION_ID) {
    const message = `${path} is an SQLite database of another application. Give Fanfare a path of its own.`;
    throw new EngineFileRefused({ path, reason: 'foreign', message });
  }
}

function checkContent(path: string, database: SqlDatabase): void {
  const version = pragma(database, 'user_version');
  if (typeof version !== 'number' || version > SCHEMA_VERSION) {
    const message = `${path} was written by a newer Fanfare (schema ${version}, this one knows ${SCHEMA_VERSION}). Run that version or a newer one.`;
    throw new EngineFileRefused({ path, reason: 'newer', message });
  }
  if (size(path) > CHECKED_BYTES) return;
  const verdict = pragma(database, 'integrity_check');
  if (verdict !== 'ok') throw damaged(path, verdict);
  readEpoch(database, path);
}

function readEpoch(database: SqlDatabase, path: string): string {
  const epoch = database.prepare("SELECT value FROM fanfare_meta WHERE name = 'epoch'").get()?.['value'];
  if (typeof epoch === 'string' && EPOCH.test(epoch)) return epoch;
  throw damaged(path, 'no epoch');
}

function pragma(database: SqlDatabase, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).all()[0]?.[name];
}

function damaged(path: string, cause: unknown): EngineFileRefused {
  const found = cause instanceof Error ? cause.message : String(cause);
  const message = `${path} is damaged (${found}). It was left as it is: restore a backup, or move it away to begin a new history.`;
  return new EngineFileRefused({ path, reason: 'damaged', message, cause });
}

function unusable(path: string, cause: unknown): EngineFileRefused {
  const found = cause instanceof Error ? cause.message : String(cause);
  const message = `${path} cannot be opened: ${found}. Check the path, its permissions and the space on its disk.`;
  return new EngineFileRefused({ path, reason: 'unusable', message, cause });
}

/** Zero where there is no such file. */
function size(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
