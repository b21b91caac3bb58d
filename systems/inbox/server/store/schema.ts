/** Tables of the inbox, in the engine's own database: rows and events commit, survive and are backed up together. */

/**
 * `delivered`: null while nobody knows, then `live` or `return`, and never changed again. The partial indexes hold only what is unread
 * or undecided, so that a count costs as much as its answer is large.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS inbox_notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL,
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    url TEXT,
    data TEXT,
    created_at INTEGER NOT NULL,
    read_at INTEGER,
    delivered TEXT,
    send_key TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS inbox_by_user ON inbox_notifications (user_id, id);
  CREATE INDEX IF NOT EXISTS inbox_unread ON inbox_notifications (user_id, id) WHERE read_at IS NULL;
  CREATE INDEX IF NOT EXISTS inbox_undecided ON inbox_notifications (user_id, id) WHERE delivered IS NULL;
  CREATE INDEX IF NOT EXISTS inbox_by_time ON inbox_notifications (created_at, type, delivered, read_at);
  CREATE UNIQUE INDEX IF NOT EXISTS inbox_send_keys ON inbox_notifications (send_key, user_id) WHERE send_key IS NOT NULL;

  CREATE TABLE IF NOT EXISTS inbox_preferences (
    user_id INTEGER PRIMARY KEY,
    preferences TEXT NOT NULL
  ) STRICT;
`;
