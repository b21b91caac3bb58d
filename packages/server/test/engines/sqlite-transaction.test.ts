/** A system's rows and its events commit together, or not at all. */
import { EngineChild } from '@fanfare/testkit';
import { EngineUnavailable, type SqliteEngine } from 'fanfare/internal';
import { describe, expect, it, vi } from 'vitest';
import { count, kept, note, SqliteFixture } from './sqlite-fixture.ts';

describe('a transaction of the sqlite engine', () => {
  it('commits rows and events together and resolves with what its work returned', async () => {
    await using fixture = new SqliteFixture();
    const engine = withTable(fixture.open());

    const result = await engine.transaction((tx) => {
      tx.database.prepare('INSERT INTO points (player) VALUES (?)').run('An');
      const first = tx.append(note('court', 'one'));
      const second = tx.append(note('court', 'two'));
      return [first, second];
    });

    expect(result).toMatchObject([
      { position: { offset: 1 }, duplicate: false, ack: 'committed' },
      { position: { offset: 2 }, duplicate: false, ack: 'committed' },
    ]);
    expect(await kept(engine, 'court')).toEqual(['one', 'two']);
    expect(count(engine, 'points')).toBe(1);
  });

  it('undoes rows, events and idempotency keys of a work that throws, and of that one alone', async () => {
    await using fixture = new SqliteFixture();
    const engine = withTable(fixture.open());
    const seen: number[] = [];
    engine.broker.follow('court', (events) => seen.push(...events.map((event) => event.offset)));
    const illegal = new Error('illegal action');

    const outcomes = await Promise.allSettled([
      engine.broker.append(note('court', 'before')),
      engine.transaction((tx) => {
        tx.database.exec("INSERT INTO points (player) VALUES ('An')");
        tx.append(note('court', 'undone', { idempotencyKey: 'k' }));
        tx.append(note('new-channel', 'undone'));
        throw illegal;
      }),
      engine.transaction((tx) => {
        tx.database.exec("INSERT INTO points (player) VALUES ('Binh')");
        return tx.append(note('court', 'kept', { idempotencyKey: 'k' })).position.offset;
      }),
      engine.broker.append(note('new-channel', 'first')),
    ]);

    expect(outcomes).toMatchObject([
      { value: { position: { offset: 1 } } },
      { status: 'rejected', reason: illegal },
      { value: 2 },
      { value: { position: { offset: 1 } } },
    ]);
    expect(seen).toEqual([1, 2]);
    expect(await kept(engine, 'court')).toEqual(['before', 'kept']);
    expect(await kept(engine, 'new-channel')).toEqual(['first']);
    expect(engine.database.prepare('SELECT player FROM points').all()).toEqual([{ player: 'Binh' }]);
  });

  it('undoes the channels that a work which throws has made, stored already or not, and no other', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    const failing = (channels: number, eventsEach: number) =>
      engine.transaction((tx) => {
        for (let n = 0; n < channels * eventsEach; n += 1) tx.append(note(`undone:${n % channels}`, n));
        throw new Error('no');
      });

    const outcomes = await Promise.allSettled([
      engine.broker.append(note('before', 1)),
      failing(20, 1),
      engine.broker.append(note('between', 1)),
      failing(3, 100),
      engine.broker.append(note('undone:1', 'first')),
      engine.broker.append(note('after', 1)),
    ]);

    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    await engine.close();
    const reopened = fixture.open();
    expect(count(reopened, 'fanfare_channels')).toBe(4);
    for (const channel of ['before', 'between', 'after']) expect(await kept(reopened, channel)).toEqual([1]);
    expect(await kept(reopened, 'undone:1')).toEqual(['first']);
    expect((await reopened.broker.append(note('undone:2', 'first'))).position.offset).toBe(1);
  });

  it('shows rows and events to nobody before the commit', async () => {
    await using fixture = new SqliteFixture();
    const engine = withTable(fixture.open());
    const followed: unknown[] = [];
    engine.broker.follow('court', () => followed.push(count(engine, 'points')));
    let read: Promise<unknown> = Promise.resolve();

    await engine.transaction((tx) => {
      tx.append(note('court', 1));
      expect(followed).toEqual([]);
      tx.database.exec("INSERT INTO points (player) VALUES ('An')");
    });

    const undone = engine.transaction((tx) => {
      tx.append(note('court', 2));
      read = kept(engine, 'court');
      throw new Error('undone');
    });

    await expect(undone).rejects.toThrow('undone');
    expect(followed).toEqual([1]);
    expect(await read).toEqual([1]);
  });

  it('refuses work that is not synchronous, appends after its end, and statements that would end it', async () => {
    await using fixture = new SqliteFixture();
    const engine = withTable(fixture.open());
    let late = () => {};

    const asynchronous = engine.transaction(async (tx) => tx.append(note('court', 1)));
    const leaking = engine.transaction((tx) => {
      late = () => void tx.append(note('court', 2));
    });
    const ending = engine.transaction((tx) => tx.database.exec(' commit'));

    await expect(asynchronous).rejects.toThrow('synchronous');
    await leaking;
    expect(late).toThrow('is over');
    await expect(ending).rejects.toThrow('engine.transaction');
    expect(() => engine.database.prepare('BEGIN')).toThrow('engine.transaction');
    expect(await kept(engine, 'court')).toEqual([]);
  });

  it('is refused after close', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    await engine.close();

    await expect(engine.transaction(() => 1)).rejects.toThrow(EngineUnavailable);
    expect(() => engine.database.exec('SELECT 1')).toThrow('closed');
  });

  it('keeps rows and events in step under kill -9, round after round', async () => {
    await using fixture = new SqliteFixture();
    for (const round of [1, 2, 3, 4]) {
      await using child = new EngineChild(new URL('sqlite-transaction-child.mjs', import.meta.url), {
        place: fixture.folder,
        task: 'burst',
        first: round,
      });
      await vi.waitFor(() => expect(child.acks().length).toBeGreaterThan(20 * round), { timeout: 15_000, interval: 3 });
      await child.kill();

      const engine = fixture.open();
      const rows = engine.database.prepare('SELECT value FROM ledger ORDER BY id').all();
      expect(await kept(engine, 'ledger')).toEqual(rows.map((row) => row['value']));
      expect(rows.length).toBeGreaterThanOrEqual(child.acks().length);
      await engine.close();
    }
  }, 60_000);
});

function withTable(engine: SqliteEngine): SqliteEngine {
  engine.database.exec('CREATE TABLE points (id INTEGER PRIMARY KEY, player TEXT NOT NULL)');
  return engine;
}
