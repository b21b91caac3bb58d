/** Users in the engine's own database: they commit, survive and are backed up together with the events. */
import type { SqlDatabase, SqlRow, SqlStatement } from 'fanfare';
import { isRole, type Role } from './roles.ts';

/** A user as every system sees it; the hash never leaves this folder. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly roles: readonly Role[];
  readonly name: string;
}

export interface NewUser {
  readonly username: string;
  readonly roles: readonly Role[];
  readonly name: string;
  readonly passwordHash: string;
  /** Its password is public: a user for trying things. */
  readonly demo: boolean;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS accounts_users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    demo INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
`;

/** Reads and writes users. Usernames are ASCII and compare without case. */
export class UserStore {
  readonly #database: SqlDatabase;
  readonly #byId: SqlStatement;
  readonly #byName: SqlStatement;
  readonly #demo: SqlStatement;
  readonly #count: SqlStatement;
  readonly #all: SqlStatement;

  constructor(database: SqlDatabase) {
    this.#database = database;
    database.exec(SCHEMA);
    this.#byId = database.prepare('SELECT id, username, name, roles FROM accounts_users WHERE id = ?');
    this.#byName = database.prepare(
      'SELECT id, username, name, roles, password_hash FROM accounts_users WHERE username = ?',
    );
    this.#demo = database.prepare('SELECT id, username, name, roles FROM accounts_users WHERE demo = 1 ORDER BY id');
    this.#count = database.prepare('SELECT count(*) AS users FROM accounts_users');
    this.#all = database.prepare('SELECT id, username, name, roles FROM accounts_users ORDER BY id');
  }

  /** All of them or, where a username is taken, none: one statement. Throws what the database throws. */
  insert(users: readonly NewUser[], createdAt: number): void {
    const rows = users.map(() => '(?, ?, ?, ?, ?, ?)').join(', ');
    const values = users.flatMap(({ username, name, roles, passwordHash, demo }) => {
      return [username, name, roles.join(' '), passwordHash, demo ? 1 : 0, createdAt];
    });
    this.#database
      .prepare(`INSERT INTO accounts_users (username, name, roles, password_hash, demo, created_at) VALUES ${rows}`)
      .run(...values);
  }

  find(id: number): User | undefined {
    const row = this.#byId.get(id);
    return row === undefined ? undefined : parseUser(row);
  }

  findByUsername(username: string): { readonly user: User; readonly passwordHash: string } | undefined {
    const row = this.#byName.get(username);
    return row === undefined ? undefined : { user: parseUser(row), passwordHash: String(row['password_hash']) };
  }

  /** By id. */
  all(): readonly User[] {
    return this.#all.all().map(parseUser);
  }

  demo(): readonly User[] {
    return this.#demo.all().map(parseUser);
  }

  isEmpty(): boolean {
    return Number(this.#count.get()?.['users'] ?? 0) === 0;
  }
}

function parseUser(row: SqlRow): User {
  return {
    id: Number(row['id']),
    username: String(row['username']),
    roles: String(row['roles']).split(' ').filter(isRole),
    name: String(row['name']),
  };
}
