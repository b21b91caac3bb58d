/** One SQLite connection, the same on every Node: the built-in `node:sqlite` where it is complete, else `libsql`. */
import { createRequire } from 'node:module';

/** What a column can hold. */
export type SqlValue = string | number | bigint | null | Uint8Array;
/** Values by name of the column. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What a system sees of the database: statements run at once, on the calling thread. */
export interface SqlDatabase {
  /** Any number of statements without parameters. Throws SQLite's error. */
  exec(sql: string): void;
  /** Compiles one statement. Throws SQLite's error. */
  prepare(sql: string): SqlStatement;
}

/** A prepared statement. Parameters are positional. */
export interface SqlStatement {
  /** For its effect. */
  run(...params: readonly SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number };
  /** The first row; undefined: there is none. */
  get(...params: readonly SqlValue[]): SqlRow | undefined;
  /** Every row, in memory at once. */
  all(...params: readonly SqlValue[]): SqlRow[];
}

/** A connection that can be closed; every use after that throws. */
export interface SqlConnection extends SqlDatabase {
  close(): void;
}

/** Primary result codes of SQLite that mean "the storage cannot", not "the statement is wrong". */
const STORAGE_CODES: ReadonlyMap<number, string> = new Map([
  [5, 'busy'],
  [6, 'locked'],
  [7, 'out of memory'],
  [8, 'read-only'],
  [10, 'I/O error'],
  [11, 'damaged'],
  [13, 'full'],
  [14, 'cannot be opened'],
  [15, 'locking protocol'],
  [22, 'no large file support'],
  [26, 'not a database'],
]);

/** Opens a connection. `target`: a path or a `file:` URI. Throws what SQLite says. */
export function openSql(target: string, options: { readonly busyTimeoutMs: number }): SqlConnection {
  const connection = new Connection(openNative(target));
  connection.exec(`PRAGMA busy_timeout = ${options.busyTimeoutMs}`);
  return connection;
}

/** The word for a storage failure; undefined when the error is anything else (a constraint, bad SQL, the caller's own). */
export function storageFailure(error: unknown): string | undefined {
  const code = resultCode(error);
  return code === undefined ? undefined : STORAGE_CODES.get(code & 0xff);
}

class Connection implements SqlConnection {
  readonly #native: NativeDatabase;
  #open = true;

  constructor(native: NativeDatabase) {
    this.#native = native;
  }

  exec(sql: string): void {
    this.assertOpen();
    this.#native.exec(sql);
  }

  prepare(sql: string): SqlStatement {
    this.assertOpen();
    return new Statement(this, this.#native.prepare(sql));
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#native.close();
  }

  /** libsql lets a statement outlive its connection: it would write to a file we have let go of. */
  assertOpen(): void {
    if (!this.#open) throw new TypeError('The database is closed.');
  }
}

class Statement implements SqlStatement {
  readonly #connection: Connection;
  readonly #native: NativeStatement;
  #arity = -1;

  constructor(connection: Connection, native: NativeStatement) {
    this.#connection = connection;
    this.#native = native;
  }

  run(...params: readonly SqlValue[]): { readonly changes: number; readonly lastInsertRowid: number } {
    const { changes, lastInsertRowid } = this.#native.run(...this.#bind(params));
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
  }

  get(...params: readonly SqlValue[]): SqlRow | undefined {
    const row = this.#native.get(...this.#bind(params));
    return row === undefined || row === null ? undefined : parseRow(row);
  }

  all(...params: readonly SqlValue[]): SqlRow[] {
    return this.#native.all(...this.#bind(params)).map(parseRow);
  }

  /**
   * Checks before libsql sees them: a boolean or an object aborts the whole process there, and a parameter left out
   * keeps the value of the call before.
   */
  #bind(params: readonly SqlValue[]): readonly unknown[] {
    this.#connection.assertOpen();
    if (this.#arity === -1) this.#arity = params.length;
    if (params.length !== this.#arity) {
      throw new TypeError(
        `Expected ${this.#arity} parameters as in the first call of this statement, got ${params.length}.`,
      );
    }
    for (const param of params) if (!isSqlValue(param)) throw new TypeError(describeParam(param));
    return builtIn === undefined ? [params] : params;
  }
}

interface NativeDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): NativeStatement;
  close(): unknown;
}

interface NativeStatement {
  run(...params: readonly unknown[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  get(...params: readonly unknown[]): unknown;
  all(...params: readonly unknown[]): unknown[];
}

interface BuiltIn {
  readonly DatabaseSync: new (target: string) => NativeDatabase;
}

const builtIn = loadBuiltIn();

function openNative(target: string): NativeDatabase {
  if (builtIn !== undefined) return new builtIn.DatabaseSync(target);
  const Database: new (target: string) => NativeDatabase = createRequire(import.meta.url)('libsql');
  return new Database(target);
}

/** Loads `node:sqlite` without its ExperimentalWarning: the choice is ours, not the reader's of the log. */
function loadBuiltIn(): BuiltIn | undefined {
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  try {
    const module = process.getBuiltinModule('node:sqlite');
    return module !== undefined && isBuiltIn(module) ? module : undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** `isTransaction` came with 22.16: the versions before it cannot open `file:` URIs either. */
function isBuiltIn(module: object): module is BuiltIn {
  return (
    'DatabaseSync' in module &&
    typeof module.DatabaseSync === 'function' &&
    'isTransaction' in module.DatabaseSync.prototype
  );
}

function isSqlValue(value: unknown): boolean {
  if (typeof value === 'string' || typeof value === 'number' || value === null) return true;
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value;
  return value instanceof Uint8Array;
}

function describeParam(value: unknown): string {
  return `Expected a string, number, 64-bit bigint, null or Uint8Array as a parameter, got ${value === undefined ? 'undefined' : typeof value}.`;
}

/** Rows of both drivers in one shape: no bookkeeping column, blobs as bytes. */
function parseRow(row: unknown): SqlRow {
  const clean = row as Record<string, SqlValue | ArrayBuffer>;
  delete clean['_metadata'];
  for (const name in clean) {
    const value = clean[name];
    if (value instanceof ArrayBuffer) clean[name] = new Uint8Array(value);
  }
  return clean as SqlRow;
}

/** node:sqlite says `errcode`, libsql `rawCode` (and a code text where it has no number). */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode;
  return 'rawCode' in error && typeof error.rawCode === 'number' ? error.rawCode : undefined;
}
