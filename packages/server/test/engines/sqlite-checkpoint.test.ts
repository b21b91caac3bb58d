/** The log of SQLite is moved into the file beside the commits, in a thread: what a commit never waits for. */
import { statSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { kept, note, SqliteFixture } from './sqlite-fixture.ts';

const TEXT = 'x'.repeat(16_000);
/** 25 MB of log: more than it may have, less than SQLite moves by itself. */
const EVENTS = 1250;
const MB = 1024 * 1024;

async function fill(fixture: SqliteFixture, engine = fixture.open()) {
  for (let n = 0; n < EVENTS; n += 1) await engine.broker.append(note('a', [n, TEXT]));
  return engine;
}

describe('the log of the sqlite engine', () => {
  it('is moved into the file while the engine is used, and begins anew', async () => {
    await using fixture = new SqliteFixture();
    const engine = await fill(fixture);

    await vi.waitFor(() => expect(statSync(fixture.path).size).toBeGreaterThan(15 * MB), { timeout: 20_000 });
    const commits = async () => {
      for (let n = 0; n < 16; n += 1) await engine.broker.append(note('b', n));
      return Number(engine.database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get()?.['log']);
    };

    await expect.poll(commits, { timeout: 20_000 }).toBeLessThan(1000);
    expect(await kept(engine, 'a')).toHaveLength(EVENTS);
    await engine.close();
    expect(statSync(`${fixture.path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    expect(await kept(fixture.open(), 'a')).toHaveLength(EVENTS);
  });

  it('begins anew beside writers who never pause, so that it does not grow with all that is written', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    let sent = 0;
    let most = 0;
    const writer = async () => {
      while (sent < 4 * EVENTS) {
        await engine.broker.append(note('a', [sent++, TEXT]));
        most = Math.max(most, statSync(`${fixture.path}-wal`).size);
      }
    };

    await Promise.all(Array.from({ length: 4 }, writer));

    // 100 MB in all; SQLite would begin anew at 64.
    expect(most).toBeLessThan(48 * MB);
    expect((await engine.broker.head('a')).offset).toBe(4 * EVENTS);
  });

  it('is closed while it is moved, and nothing is missing', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    const filled = fill(fixture, engine).catch(() => {});
    await vi.waitFor(() => expect(statSync(`${fixture.path}-wal`).size).toBeGreaterThan(16 * MB), {
      timeout: 20_000,
      interval: 1,
    });
    const late = Promise.allSettled(Array.from({ length: 40 }, (_, n) => engine.broker.append(note('late', n))));
    await Promise.all([engine.close(), engine.close()]);

    await filled;
    const stored = (await late).filter(({ status }) => status === 'fulfilled').length;
    const again = fixture.open();
    expect(await kept(again, 'late')).toHaveLength(stored);
    expect((await kept(again, 'a')).length).toBeGreaterThan(500);
  });
});
