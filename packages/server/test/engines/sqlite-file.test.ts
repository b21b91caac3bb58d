/** Which files the sqlite engine opens, and which it refuses without changing a byte. */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineChild } from '@fanfare/testkit';
import { EngineFileRefused, sqlite } from 'fanfare/internal';
import { describe, expect, it, vi } from 'vitest';
import { kept, note, SqliteFixture } from './sqlite-fixture.ts';

const CHILD = new URL('sqlite-child.mjs', import.meta.url);

describe('the file of the sqlite engine', () => {
  it('is made together with its folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfare-sqlite-'));
    const engine = sqlite(join(folder, 'deep', 'er', 'fanfare.db'));

    await engine.broker.append(note('a', 1));
    await engine.close();

    expect(readdirSync(join(folder, 'deep', 'er'))).toContain('fanfare.db');
    rmSync(folder, { recursive: true });
  });

  it('alone is complete after close', async () => {
    await using fixture = new SqliteFixture();
    await using elsewhere = new SqliteFixture();
    const engine = fixture.open();
    await engine.broker.append(note('a', 'copied'));
    await engine.close();

    copyFileSync(fixture.path, elsewhere.path);

    expect(await kept(elsewhere.open(), 'a')).toEqual(['copied']);
  });

  const damages: readonly {
    readonly what: string;
    readonly reason: string;
    readonly says: RegExp;
    readonly damage: (path: string) => void;
  }[] = [
    {
      what: 'text',
      reason: 'damaged',
      says: /is damaged/,
      damage: (path) => writeFileSync(path, 'not a database '.repeat(500)),
    },
    {
      what: 'a header that lost a byte',
      reason: 'damaged',
      says: /is damaged/,
      damage: (path) => patch(path, 3, 0xff),
    },
    { what: 'a torn file', reason: 'damaged', says: /is damaged/, damage: (path) => truncateSync(path, 8192) },
    {
      what: 'a page that lost its type',
      reason: 'damaged',
      says: /is damaged/,
      damage: (path) => patch(path, 4096 * 3, 0x99),
    },
    {
      what: 'a file whose channel lost its name in one place',
      reason: 'damaged',
      says: /missing from index/,
      damage: (path) => {
        writeFileSync(path, readFileSync(path, 'latin1').replace('channel-a', 'channel-b'), 'latin1');
      },
    },
    {
      what: 'a file without its epoch',
      reason: 'damaged',
      says: /no epoch/,
      damage: (path) => edit(path, 'DELETE FROM fanfare_meta'),
    },
    {
      what: "another application's database",
      reason: 'foreign',
      says: /another application/,
      damage: (path) => edit(path, 'PRAGMA application_id = 0'),
    },
    {
      what: 'a file of a newer version',
      reason: 'newer',
      says: /newer Fanfare \(schema 99/,
      damage: (path) => edit(path, 'PRAGMA user_version = 99'),
    },
  ];

  it.each(damages)('is refused when it is $what, and stays as it is', async ({ damage, reason, says }) => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    await Promise.all(Array.from({ length: 300 }, (_, n) => engine.broker.append(note('channel-a', `event ${n}`))));
    await engine.close();
    damage(fixture.path);
    for (const rest of ['-wal', '-shm']) rmSync(fixture.path + rest, { force: true });
    const before = fixture.bytes();

    const refusal = refusalOf(() => fixture.open());

    expect(refusal).toMatchObject({ reason, path: expect.stringContaining('fanfare.db') });
    expect(refusal.message).toMatch(says);
    expect(fixture.bytes()).toEqual(before);
  });

  it('is refused when it is missing while its log is there, and the log stays', async () => {
    await using fixture = new SqliteFixture();
    writeFileSync(`${fixture.path}-wal`, 'what a crash left');

    expect(refusalOf(() => fixture.open())).toMatchObject({ reason: 'orphaned' });
    expect(readFileSync(`${fixture.path}-wal`, 'utf8')).toBe('what a crash left');
    expect(existsSync(fixture.path)).toBe(false);
  });

  it('is refused when its path is a folder, lies below a file, or names no file', async () => {
    await using fixture = new SqliteFixture();
    writeFileSync(join(fixture.folder, 'file'), 'text');

    expect(refusalOf(() => sqlite(fixture.folder))).toMatchObject({ reason: 'unusable' });
    expect(refusalOf(() => sqlite(join(fixture.folder, 'file', 'fanfare.db')))).toMatchObject({ reason: 'unusable' });
    // mkdir -p never came back from there.
    expect(refusalOf(() => sqlite('/proc/x/fanfare.db'))).toMatchObject({ reason: 'unusable' });
    expect(() => sqlite('')).toThrow(TypeError);
  });

  it('is made anew over what a crash left of its making', async () => {
    await using fixture = new SqliteFixture();
    writeFileSync(fixture.path, '');
    writeFileSync(`${fixture.path}-new`, 'half a file');

    expect(fixture.open().health()).toEqual({ ready: true });
  });
});

describe('a crash', () => {
  /** The files as a crash leaves them: the engine is still open, nothing is being written. */
  async function crash(boot: string | undefined): Promise<{ before: string; after: string; kept: unknown[] }> {
    await using crashed = new SqliteFixture();
    await using restarted = new SqliteFixture();
    const engine = crashed.open();
    await engine.broker.append(note('a', 'kept'));
    if (boot !== undefined) engine.database.exec(`UPDATE fanfare_meta SET value = '${boot}' WHERE name = 'open'`);
    for (const part of ['', '-wal']) copyFileSync(crashed.path + part, restarted.path + part);
    const reopened = restarted.open();
    const { epoch: before } = await engine.broker.head('a');
    const { epoch: after } = await reopened.broker.head('a');
    return { before, after, kept: await kept(reopened, 'a') };
  }

  it('of the process keeps the epoch', async () => {
    const { after, before, kept } = await crash(undefined);

    expect(after).toBe(before);
    expect(kept).toEqual(['kept']);
  });

  it('of the machine begins a new epoch, because the last commits may be lost', async () => {
    const { after, before, kept } = await crash('an earlier boot');

    expect(after).not.toBe(before);
    expect(kept).toEqual(['kept']);
  });

  it('does not matter once the file was closed: another machine goes on with its epoch', async () => {
    await using fixture = new SqliteFixture();
    const first = fixture.open();
    const { epoch } = await first.broker.head('a');
    first.database.exec("UPDATE fanfare_meta SET value = 'another machine' WHERE name = 'open'");
    await first.close();

    const second = fixture.open();

    expect((await second.broker.head('a')).epoch).toBe(epoch);
    expect(second.database.prepare("SELECT name FROM fanfare_meta WHERE name = 'open'").all()).toHaveLength(1);
  });
});

describe('two engines on one file', () => {
  it('are refused within one process, by any path, until the first is closed', async () => {
    await using fixture = new SqliteFixture();
    const first = fixture.open();
    symlinkSync(fixture.folder, `${fixture.folder}-link`);

    expect(refusalOf(() => fixture.open())).toMatchObject({ reason: 'in-use' });
    expect(refusalOf(() => sqlite(join(`${fixture.folder}-link`, 'fanfare.db')))).toMatchObject({ reason: 'in-use' });
    await first.close();
    rmSync(`${fixture.folder}-link`);

    expect(fixture.open().health()).toEqual({ ready: true });
  });

  it('are refused across processes; kill -9 of the holder leaves no stale lock', async () => {
    await using fixture = new SqliteFixture();
    await using holder = new EngineChild(CHILD, { place: fixture.folder, task: 'burst', first: 0 });
    await vi.waitFor(() => expect(holder.acks().length).toBeGreaterThan(0), { timeout: 15_000, interval: 10 });

    const refusal = refusalOf(() => fixture.open());
    expect(refusal.reason).toBe('in-use');
    expect(refusal.message).toContain('in use by another process');
    const { length } = holder.acks();
    await vi.waitFor(() => expect(holder.acks().length).toBeGreaterThan(length), { timeout: 5000, interval: 10 });

    await holder.kill();
    expect((await kept(fixture.open(), 'burst:1')).length).toBeGreaterThan(0);
  });
});

function refusalOf(open: () => unknown): EngineFileRefused {
  try {
    open();
  } catch (error) {
    if (error instanceof EngineFileRefused) return error;
    throw error;
  }
  throw new Error('the file was not refused');
}

function patch(path: string, offset: number, byte: number): void {
  const bytes = readFileSync(path);
  bytes[offset] = byte;
  writeFileSync(path, bytes);
}

/** Changes the closed file through SQLite itself: the engine of a copy lends its connection. */
function edit(path: string, sql: string): void {
  const engine = sqlite(path);
  engine.database.exec(sql);
  void engine.close();
}
