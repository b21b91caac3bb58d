/** The signing secret and the ended sessions, both in the engine's database: they survive a restart, `kill -9` included. */
import { randomBytes } from 'node:crypto';
import type { SqlDatabase, SqlStatement } from 'fanfare';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS accounts_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS accounts_ended_sessions (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;
`;

const SECRET_BYTES = 32;

/** The secret that signs session tokens: made once per database. */
export function signingSecret(database: SqlDatabase): Uint8Array {
  database.exec(SCHEMA);
  const fresh = randomBytes(SECRET_BYTES).toString('base64url');
  database.prepare(`INSERT INTO accounts_secrets VALUES ('jwt', ?) ON CONFLICT DO NOTHING`).run(fresh);
  const row = database.prepare(`SELECT value FROM accounts_secrets WHERE name = 'jwt'`).get();
  return Buffer.from(String(row?.['value']), 'base64url');
}

/** Sessions that were logged out before their token expired. Holds them only until that expiry. */
export class EndedSessions {
  readonly #insert: SqlStatement;
  readonly #find: SqlStatement;
  readonly #prune: SqlStatement;

  constructor(database: SqlDatabase) {
    database.exec(SCHEMA);
    this.#insert = database.prepare('INSERT INTO accounts_ended_sessions VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#find = database.prepare('SELECT 1 FROM accounts_ended_sessions WHERE id = ?');
    this.#prune = database.prepare('DELETE FROM accounts_ended_sessions WHERE expires_at <= ?');
  }

  /** Times are seconds since the epoch, as in the token. */
  add(session: { readonly id: string; readonly expiresAt: number }, now: number): void {
    this.#prune.run(now);
    this.#insert.run(session.id, session.expiresAt);
  }

  has(id: string): boolean {
    return this.#find.get(id) !== undefined;
  }
}
