/** The notifications at rest. How many are unread is never stored: it is counted, so it cannot drift. */
import { integer, optionalInteger, optionalText, text } from '@fanfare-systems/edge';
import { isNoteType, type Note, type NoteType } from '@fanfare-systems/inbox/rules';
import type { SqlDatabase, SqlRow, SqlStatement } from 'fanfare';

/** What the sender says. */
export interface NoteText {
  readonly title: string;
  readonly message: string;
  readonly type: NoteType;
  readonly url?: string | undefined;
  readonly data?: unknown;
}

export interface NewNote extends NoteText {
  readonly userId: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The same for every repetition of one order. */
  readonly sendKey?: string | undefined;
}

export interface ListRange {
  readonly userId: number;
  /** Older than this id. */
  readonly before: number;
  readonly limit: number;
  readonly unreadOnly: boolean;
}

export class NoteStore {
  readonly #insert: SqlStatement;
  readonly #find: SqlStatement;
  readonly #findByKey: SqlStatement;
  readonly #page: SqlStatement;
  readonly #unreadPage: SqlStatement;
  readonly #countUnread: SqlStatement;
  readonly #newest: SqlStatement;
  readonly #read: SqlStatement;
  readonly #readAll: SqlStatement;

  constructor(database: SqlDatabase) {
    this.#insert = database.prepare(
      `INSERT INTO inbox_notifications (user_id, type, title, message, url, data, created_at, send_key)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#find = database.prepare('SELECT * FROM inbox_notifications WHERE id = ? AND user_id = ?');
    this.#findByKey = database.prepare('SELECT * FROM inbox_notifications WHERE send_key = ? AND user_id = ?');
    const page = (condition: string): string =>
      `SELECT * FROM inbox_notifications WHERE user_id = ? AND id < ? ${condition} ORDER BY id DESC LIMIT ?`;
    this.#page = database.prepare(page(''));
    this.#unreadPage = database.prepare(page('AND read_at IS NULL'));
    this.#countUnread = database.prepare(
      'SELECT count(*) AS unread FROM inbox_notifications WHERE user_id = ? AND read_at IS NULL',
    );
    this.#newest = database.prepare('SELECT max(id) AS id FROM inbox_notifications WHERE user_id = ?');
    this.#read = database.prepare(
      'UPDATE inbox_notifications SET read_at = ? WHERE id = ? AND user_id = ? AND read_at IS NULL',
    );
    this.#readAll = database.prepare(
      'UPDATE inbox_notifications SET read_at = ? WHERE user_id = ? AND read_at IS NULL AND id <= ?',
    );
  }

  insert({ userId, at, sendKey, ...said }: NewNote): Note {
    const { type, title, message, url, data } = said;
    const dataJson = data === undefined ? null : JSON.stringify(data);
    const values = [userId, type, title, message, url ?? null, dataJson, at, sendKey ?? null] as const;
    const id = this.#insert.run(...values).lastInsertRowid;
    return noteOf({ id, userId, at, readAt: null, ...said });
  }

  find(userId: number, id: number): Note | undefined {
    return parsed(this.#find.get(id, userId));
  }

  /** What the order with this key made for the user. */
  findByKey(userId: number, sendKey: string): Note | undefined {
    return parsed(this.#findByKey.get(sendKey, userId));
  }

  /** Newest first. */
  page({ userId, before, limit, unreadOnly }: ListRange): readonly Note[] {
    return (unreadOnly ? this.#unreadPage : this.#page).all(userId, before, limit).map(parseNote);
  }

  countUnread(userId: number): number {
    return Number(this.#countUnread.get(userId)?.['unread'] ?? 0);
  }

  /** 0: the user has none. */
  newestId(userId: number): number {
    return Number(this.#newest.get(userId)?.['id'] ?? 0);
  }

  /** false: there is none, or it was read before. */
  markRead(userId: number, id: number, at: number): boolean {
    return this.#read.run(at, id, userId).changes > 0;
  }

  /** Returns how many were unread up to this id. */
  markAllRead(userId: number, upTo: number, at: number): number {
    return this.#readAll.run(at, userId, upTo).changes;
  }
}

interface NoteFacts extends NoteText {
  readonly id: number;
  readonly userId: number;
  readonly at: number;
  readonly readAt: number | null;
}

function noteOf({ id, userId, at, readAt, title, message, type, url, data }: NoteFacts): Note {
  return {
    ...{ id, user_id: userId, title, message, type },
    ...(url === undefined ? {} : { url }),
    ...(data === undefined ? {} : { data }),
    created_at: new Date(at).toISOString(),
    read_at: readAt === null ? null : new Date(readAt).toISOString(),
  };
}

function parsed(row: SqlRow | undefined): Note | undefined {
  return row === undefined ? undefined : parseNote(row);
}

function parseNote(row: SqlRow): Note {
  const type = text(row, 'type');
  if (!isNoteType(type)) throw new RangeError(`a stored notification is of the type ${type}`);
  const dataJson = optionalText(row, 'data');
  return noteOf({
    id: integer(row, 'id'),
    userId: integer(row, 'user_id'),
    at: integer(row, 'created_at'),
    readAt: optionalInteger(row, 'read_at'),
    title: text(row, 'title'),
    message: text(row, 'message'),
    type,
    url: optionalText(row, 'url') ?? undefined,
    data: dataJson === null ? undefined : JSON.parse(dataJson),
  });
}
