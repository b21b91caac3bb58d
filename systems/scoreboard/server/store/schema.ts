/** Tables of the scoreboard, in the engine's own database: they commit, survive and are backed up together with the events. */

export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS scoreboard_matches (
    id TEXT PRIMARY KEY,
    tournament_id TEXT,
    name_a TEXT NOT NULL,
    name_b TEXT NOT NULL,
    best_of INTEGER NOT NULL,
    first_server INTEGER NOT NULL,
    history TEXT NOT NULL,
    version INTEGER NOT NULL,
    last_action TEXT,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS scoreboard_courts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    pin TEXT NOT NULL UNIQUE,
    match_id TEXT NOT NULL REFERENCES scoreboard_matches (id),
    active INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS scoreboard_courts_by_match ON scoreboard_courts (match_id);

  CREATE TABLE IF NOT EXISTS scoreboard_boards (
    id TEXT PRIMARY KEY,
    match_id TEXT NOT NULL REFERENCES scoreboard_matches (id)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS scoreboard_devices (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    token_hash TEXT UNIQUE,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS scoreboard_taps (
    match_id TEXT NOT NULL,
    key TEXT NOT NULL,
    action TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (match_id, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS scoreboard_taps_by_version ON scoreboard_taps (match_id, version);

  CREATE TABLE IF NOT EXISTS scoreboard_audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL,
    details TEXT NOT NULL
  ) STRICT;
`;
