/** Where the events of a channel are: places that come later than the events, files from before there were any. */
import { copyFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openSql } from '../../src/engines/sqlite/driver.ts';
import { count, kept, note, SqliteFixture } from './sqlite-fixture.ts';

/** More than may wait for their places. */
const EVENTS = 40_000;
const CHANNELS = 50;

describe('the places of events', () => {
  it('come a few at a time once many wait, and none is missing after a crash between them', async () => {
    await using fixture = new SqliteFixture();
    await using crashed = new SqliteFixture();
    const engine = fixture.open();
    for (let from = 0; from < EVENTS; from += 500) {
      await Promise.all(
        Array.from({ length: 500 }, (_, n) => engine.broker.append(note(`c${(from + n) % CHANNELS}`, from + n))),
      );
    }
    const placed = Number(count(engine, 'fanfare_places'));
    for (const rest of ['', '-wal']) copyFileSync(fixture.path + rest, crashed.path + rest);

    expect(placed).toBeGreaterThan(1000);
    expect(placed).toBeLessThan(EVENTS - 20_000);
    const expected = Array.from({ length: EVENTS / CHANNELS }, (_, n) => 7 + n * CHANNELS);
    expect(await kept(engine, 'c7')).toEqual(expected);
    const again = crashed.open();
    expect(await kept(again, 'c7')).toEqual(expected);
    expect((await again.broker.append(note('c7', 'next'))).position.offset).toBe(expected.length + 1);
    await again.close();
    const closed = crashed.open();
    expect(count(closed, 'fanfare_places')).toBe(EVENTS + 1);
    expect(await kept(closed, 'c7')).toEqual([...expected, 'next']);
  });

  it('are never needed by what is gone before', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    const retention = { kind: 'window', count: 50 } as const;
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, n) => engine.broker.append(note('a', n, { retention }))));
    }

    expect(count(engine, 'fanfare_places')).toBe(0);
    expect(Number(count(engine, 'fanfare_events'))).toBeLessThanOrEqual(50 + 256);
    await engine.close();
    const closed = fixture.open();
    expect(count(closed, 'fanfare_places')).toBe(count(closed, 'fanfare_events'));
  });

  it('are as they were when the work of a transaction throws after many appends', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    await engine.broker.append(note('a', 'before'));
    const failing = engine.transaction((tx) => {
      for (let n = 0; n < 300; n += 1) tx.append(note('a', n));
      throw new Error('no');
    });
    const after = engine.broker.append(note('a', 'after'));

    await expect(failing).rejects.toThrow('no');
    expect((await after).position.offset).toBe(2);
    expect(await kept(engine, 'a')).toEqual(['before', 'after']);
  });

  it('are made for every event of a file that was written before there were places', async () => {
    await using fixture = new SqliteFixture();
    await using crashed = new SqliteFixture();
    await using fresh = new SqliteFixture();
    writeVersion1(fixture.path);

    const engine = fixture.open();

    expect(count(engine, 'fanfare_places')).toBe(3);
    fresh.open();
    expect(tablesOf(fixture.path)).toEqual(tablesOf(fresh.path));
    expect(await kept(engine, 'old')).toEqual(['one', 'two', 'three']);
    const value = await engine.broker.read({
      ...{ channel: 'value', retention: { kind: 'newest' }, after: undefined, limit: 10 },
    });
    expect(value).toMatchObject({ kind: 'events', events: [{ offset: 9, dataJson: '"now"' }] });
    const { position } = await engine.broker.append(note('old', 'four'));
    expect(position).toEqual({ epoch: 'abcdefgh', offset: 4 });
    for (const rest of ['', '-wal']) copyFileSync(fixture.path + rest, crashed.path + rest);
    expect(await kept(crashed.open(), 'old')).toEqual(['one', 'two', 'three', 'four']);
    await engine.close();
    const again = fixture.open();
    expect(await kept(again, 'old')).toEqual(['one', 'two', 'three', 'four']);
    expect((await again.broker.append(note('value', 'next', { retention: { kind: 'newest' } }))).position.offset).toBe(
      10,
    );
  });
});

/** Tables and indexes of a file, as they were made but for the blanks. */
function tablesOf(path: string): readonly string[] {
  const database = openSql(path, { busyTimeoutMs: 0 });
  const rows = database.prepare('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL').all();
  database.close();
  return rows.map(({ sql }) => String(sql).replace(/\s+/g, ' ')).sort();
}

/** What the first version made, word for word, with rows and their sums as it wrote them. */
function writeVersion1(path: string): void {
  const database = openSql(path, { busyTimeoutMs: 0 });
  database.exec(`
    CREATE TABLE fanfare_meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
    CREATE TABLE fanfare_channels (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, floor INTEGER NOT NULL DEFAULT 0, keep_age INTEGER
    );
    CREATE INDEX fanfare_channels_aged ON fanfare_channels (id) WHERE keep_age IS NOT NULL;
    CREATE TABLE fanfare_events (
      id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, offset INTEGER NOT NULL, newest INTEGER NOT NULL, time INTEGER NOT NULL,
      event TEXT NOT NULL, key TEXT NOT NULL, data TEXT NOT NULL, sum INTEGER NOT NULL
    );
    CREATE UNIQUE INDEX fanfare_events_offset ON fanfare_events (channel, newest, offset);
    CREATE UNIQUE INDEX fanfare_events_newest ON fanfare_events (channel, key) WHERE newest = 1;
    CREATE TABLE fanfare_seen (
      id INTEGER PRIMARY KEY, channel INTEGER NOT NULL, key TEXT NOT NULL, offset INTEGER NOT NULL, time INTEGER NOT NULL,
      UNIQUE (channel, key)
    );
    INSERT INTO fanfare_meta VALUES ('epoch', 'abcdefgh');
    INSERT INTO fanfare_channels VALUES (1, 'old', 0, NULL), (2, 'value', 0, NULL);
    INSERT INTO fanfare_events VALUES
      (1, 1, 1, 0, 1000, 'note', '', '"one"', 3545233576), (2, 1, 2, 0, 1000, 'note', '', '"two"', 1472824609),
      (3, 2, 9, 1, 1000, 'state', '', '"now"', 1079206749), (4, 1, 3, 0, 1000, 'note', '', '"three"', 3440367214);
    PRAGMA application_id = 1180790374; PRAGMA user_version = 1;`);
  database.close();
}
