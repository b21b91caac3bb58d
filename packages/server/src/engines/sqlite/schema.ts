/** The tables of a Fanfare database file. A change here raises SCHEMA_VERSION and adds a migration. */

/** 'Fanf' in ASCII, in the header of every file of ours: how a foreign SQLite file is told from one of ours. */
export const APPLICATION_ID = 0x46616e66;
export const SCHEMA_VERSION = 2;

/**
 * - `meta`: `epoch` names the history of this file, `open` see session-mark.ts; `probe` exists for a moment after the
 *   storage failed.
 * - `channels.floor`: every event up to it is gone, kept so that an offset is never given twice. Zero while events are kept.
 *   `channels.keep_age`: how long events may stay, for the sweep of channels to which nothing is appended any more.
 * - `events`: in order of commit by rowid, so that appends go to the end of the tree and rows of any size stay packed. A
 *   rowid is never given twice. `newest` = 1: replaced by the next of the same key. `sum`: see event-row.ts.
 * - `places`: where the events of a channel are, in order; not those of `newest`. A place comes later than its event, see
 *   fresh-events.ts: `placed` in `meta` is a row up to which there are none without one.
 * - `seen`: the idempotency window; a larger id is a later key.
 */
export const SCHEMA = `
CREATE TABLE fanfare_meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE fanfare_channels (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, floor INTEGER NOT NULL DEFAULT 0, keep_age INTEGER
);
CREATE INDEX fanfare_channels_aged ON fanfare_channels (id) WHERE keep_age IS NOT NULL;
CREATE TABLE fanfare_events (
  id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, offset INTEGER NOT NULL, newest INTEGER NOT NULL, time INTEGER NOT NULL,
  event TEXT NOT NULL, key TEXT NOT NULL, data TEXT NOT NULL, sum INTEGER NOT NULL
);
CREATE UNIQUE INDEX fanfare_events_offset ON fanfare_events (channel, offset) WHERE newest = 1;
CREATE TABLE fanfare_places (channel INTEGER, offset INTEGER, id INTEGER NOT NULL, PRIMARY KEY (channel, offset)) WITHOUT ROWID;
CREATE UNIQUE INDEX fanfare_events_newest ON fanfare_events (channel, key) WHERE newest = 1;
CREATE TABLE fanfare_seen (
  id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, key TEXT NOT NULL, offset INTEGER NOT NULL, time INTEGER NOT NULL,
  UNIQUE (channel, key)
);
INSERT INTO fanfare_meta VALUES ('placed', 0);
`;

/** By the version that they begin with: what makes the tables those of the next one. Run in one transaction. */
export const MIGRATIONS: Readonly<Record<number, string>> = {
  1: `
    CREATE TABLE fanfare_places (channel INTEGER, offset INTEGER, id INTEGER NOT NULL, PRIMARY KEY (channel, offset)) WITHOUT ROWID;
    INSERT INTO fanfare_places SELECT channel, offset, id FROM fanfare_events WHERE newest = 0 ORDER BY channel, offset;
    DROP INDEX fanfare_events_offset;
    CREATE UNIQUE INDEX fanfare_events_offset ON fanfare_events (channel, offset) WHERE newest = 1;
    INSERT INTO fanfare_meta SELECT 'placed', coalesce(max(id), 0) FROM fanfare_events;
  `,
};
