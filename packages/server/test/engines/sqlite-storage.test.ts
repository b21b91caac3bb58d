/** What the sqlite engine does when the storage does not: full (reliability E4), damaged (E5), behind. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { EngineFileRefused, EngineUnavailable, type SqliteEngine, type StoredEvent, sqlite } from 'fanfare/internal';
import { describe, expect, it, vi } from 'vitest';
import { kept, note, SqliteFixture } from './sqlite-fixture.ts';

describe('group commit', () => {
  it('commits one turn of the loop at once: followers get all of a channel in one call', async () => {
    await using fixture = new SqliteFixture();
    const { broker } = fixture.open();
    const calls: number[][] = [];
    broker.follow('a', (events) => calls.push(events.map((event) => event.offset)));

    await Promise.all([broker.append(note('a', 1)), broker.append(note('b', 1)), broker.append(note('a', 2))]);
    await broker.append(note('a', 3));

    expect(calls).toEqual([[1, 2], [3]]);
  });

  it('refuses appends beyond its bound and stores the others', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open({ maxPending: 10 });

    const outcomes = await Promise.allSettled(Array.from({ length: 15 }, (_, n) => engine.broker.append(note('a', n))));

    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      ...Array(10).fill('fulfilled'),
      ...Array(5).fill('rejected'),
    ]);
    expect(outcomes[14]).toMatchObject({
      reason: { name: 'EngineUnavailable', message: expect.stringContaining('is behind') },
    });
    expect(await kept(engine, 'a')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('a full disk', () => {
  it('refuses every append of the turn, shows it in health, keeps what was committed, and heals by itself', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    const { broker } = engine;
    const seen: number[] = [];
    broker.follow('a', (events) => seen.push(...events.map((event) => event.offset)));
    await broker.append(note('a', 'before'));
    const pages = Number(engine.database.prepare('PRAGMA page_count').get()?.['page_count']);
    engine.database.exec(`PRAGMA max_page_count = ${pages + 2}`);

    const refused = await Promise.allSettled([
      broker.append(note('a', 'small')),
      broker.append(note('a', 'x'.repeat(100_000), { idempotencyKey: 'big' })),
      engine.transaction((tx) => tx.append(note('a', 'transaction'))),
    ]);

    for (const outcome of refused)
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EngineUnavailable) });
    expect(engine.health()).toMatchObject({ ready: false, reason: expect.stringContaining('(full)') });
    expect(seen).toEqual([1]);
    expect(await kept(engine, 'a')).toEqual(['before']);

    engine.database.exec('PRAGMA max_page_count = 1000000');
    await vi.waitFor(() => expect(engine.health()).toEqual({ ready: true }), { timeout: 10_000, interval: 20 });
    expect(await broker.append(note('a', 'after', { idempotencyKey: 'big' }))).toMatchObject({
      duplicate: false,
      position: { offset: 2 },
    });
    expect(seen).toEqual([1, 2]);
  });

  it('rejects a system transaction that hits it as unavailable, and the rest of its turn with it', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    engine.database.exec('CREATE TABLE blobs (bytes BLOB)');
    const pages = Number(engine.database.prepare('PRAGMA page_count').get()?.['page_count']);
    engine.database.exec(`PRAGMA max_page_count = ${pages}`);

    const outcomes = await Promise.allSettled([
      engine.transaction((tx) => tx.database.exec('INSERT INTO blobs VALUES (zeroblob(200000))')),
      engine.broker.append(note('a', 1)),
    ]);

    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EngineUnavailable) });
  });
});

describe('a damaged byte', () => {
  it('anywhere in the file never shows a wrong event: the file is refused, the read is, or the rest is whole', async () => {
    await using fixture = new SqliteFixture();
    const original = await fill(fixture.open());
    const sound = readFileSync(fixture.path);
    const verdicts = { refused: 0, unavailable: 0, gap: 0, intact: 0 };
    for (let offset = 0; offset < sound.length; offset += 397) {
      const bytes = Buffer.from(sound);
      bytes[offset] = (bytes[offset] ?? 0) ^ 0x21;
      for (const rest of ['-wal', '-shm']) rmSync(fixture.path + rest, { force: true });
      writeFileSync(fixture.path, bytes);

      verdicts[await verdictOf(fixture.path, original)] += 1;
    }

    expect(verdicts.refused).toBeGreaterThan(0);
    expect(verdicts.gap).toBeGreaterThan(0);
    expect(verdicts.unavailable).toBeGreaterThan(0);
  }, 60_000);

  it('in an old event hides that one and those before it, and the channel goes on', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    for (const n of [1, 2, 3, 4]) await engine.broker.append(note('a', `event number ${n}`));
    await engine.close();
    writeFileSync(
      fixture.path,
      readFileSync(fixture.path, 'latin1').replace('event number 2', 'event number 7'),
      'latin1',
    );
    const reopened = fixture.open();
    const { epoch } = await reopened.broker.head('a');
    const read = (offset: number) =>
      reopened.broker.read({ channel: 'a', retention: { kind: 'window' }, after: { epoch, offset }, limit: 10 });

    expect(await kept(reopened, 'a')).toEqual(['event number 3', 'event number 4']);
    expect(await read(1)).toMatchObject({ kind: 'gap', cause: 'trimmed' });
    expect(await read(2)).toMatchObject({ kind: 'events', events: [{ offset: 3 }, { offset: 4 }] });
    expect((await reopened.broker.append(note('a', 'next'))).position.offset).toBe(5);
  });
});

const NEWEST = { kind: 'newest' } as const;

async function fill(engine: SqliteEngine): Promise<ReadonlyMap<string, StoredEvent>> {
  const all = new Map<string, StoredEvent>();
  for (const channel of ['a', 'b', 's']) {
    engine.broker.follow(channel, (events) => {
      for (const event of events) all.set(`${channel} ${event.offset}`, event);
    });
  }
  for (let n = 0; n < 200; n += 1) {
    await engine.broker.append(note(n % 2 === 0 ? 'a' : 'b', `event ${n} ${'.'.repeat(n)}`));
    await engine.broker.append(note('s', `value ${n} ${'.'.repeat(100)}`, { key: `k${n}`, retention: NEWEST }));
  }
  await engine.close();
  return all;
}

/** Throws when an event comes out that never went in. */
async function verdictOf(
  path: string,
  original: ReadonlyMap<string, StoredEvent>,
): Promise<'refused' | 'unavailable' | 'gap' | 'intact'> {
  let engine: SqliteEngine;
  try {
    engine = sqlite(path);
  } catch (error) {
    expect(error).toBeInstanceOf(EngineFileRefused);
    return 'refused';
  }
  try {
    const shown: StoredEvent[] = [];
    for (const channel of ['a', 'b', 's']) {
      const retention = channel === 's' ? NEWEST : ({ kind: 'window' } as const);
      const read = await engine.broker.read({ channel, retention, after: undefined, limit: 1000 });
      if (read.kind === 'events') shown.push(...read.events);
    }
    for (const event of shown) {
      const { epoch: _, ...content } = event;
      expect(original.get(`${event.channel} ${event.offset}`)).toMatchObject(content);
    }
    return shown.length === original.size ? 'intact' : 'gap';
  } catch (error) {
    expect(error).toBeInstanceOf(EngineUnavailable);
    return 'unavailable';
  } finally {
    await engine.close();
  }
}
