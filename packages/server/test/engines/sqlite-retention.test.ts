/** What leaves the tables of the sqlite engine: by count, by age, and old idempotency keys; never much at once. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { count, kept, note, SqliteFixture } from './sqlite-fixture.ts';

const BATCH = 256;

describe('trimming', () => {
  it('deletes what is beyond the count as it goes, a bounded batch at a time', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    const counts: number[] = [];
    for (let turn = 0; turn < 40; turn += 1) {
      const retention = { kind: 'window', count: turn < 20 ? 2000 : 50 } as const;
      await Promise.all(Array.from({ length: 100 }, (_, n) => engine.broker.append(note('a', n, { retention }))));
      counts.push(Number(count(engine, 'fanfare_events')));
    }

    expect(Math.max(...counts)).toBeLessThanOrEqual(2000 + BATCH);
    expect(counts.at(-1)).toBeLessThanOrEqual(50 + BATCH);
    const drops = counts.map((now, turn) => (counts[turn - 1] ?? 0) + 100 - now);
    expect(Math.max(...drops)).toBeLessThanOrEqual(2 * BATCH);
    expect(await kept(engine, 'a')).toHaveLength(Number(counts.at(-1)));
  });

  it('sweeps what grew too old out of channels to which nothing is appended, after a restart too', async () => {
    await using fixture = new SqliteFixture();
    const time = { now: 1_000_000 };
    const options = { clock: { wallTime: () => time.now }, sweepIntervalMs: 10 };
    const engine = fixture.open(options);
    const retention = { kind: 'window', ageMs: 5000 } as const;
    const channels = Array.from({ length: 150 }, (_, n) => `idle:${n}`);
    await Promise.all(channels.map((channel) => engine.broker.append(note(channel, 1, { retention }))));
    await Promise.all(Array.from({ length: 1500 }, (_, n) => engine.broker.append(note('idle:7', n, { retention }))));
    await engine.broker.append(note('kept', 'for ever'));
    await engine.close();

    time.now += 6000;
    const reopened = fixture.open(options);
    await vi.waitFor(() => expect(count(reopened, 'fanfare_events')).toBe(1), { timeout: 15_000, interval: 20 });

    expect(await kept(reopened, 'kept')).toEqual(['for ever']);
    expect((await reopened.broker.head('idle:7')).offset).toBe(1501);
    await reopened.close();
    expect((await fixture.open(options).broker.append(note('idle:7', 'next', { retention }))).position.offset).toBe(
      1502,
    );
  });

  it('sweeps dozens of small channels at a time, and no more than some hundred events of a large one', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    await using fixture = new SqliteFixture();
    const time = { now: 1_000_000 };
    const engine = fixture.open({ clock: { wallTime: () => time.now }, sweepIntervalMs: 1000 });
    const append = (name: string, n: number) =>
      engine.broker.append(note(name, n, { retention: { kind: 'window', ageMs: 5000 } }));
    const SMALL = 2000;
    const LARGE = 3000;
    await Promise.all(Array.from({ length: SMALL }, (_, n) => append(`small:${n}`, n)));
    await Promise.all(Array.from({ length: LARGE }, (_, n) => append('large', n)));
    time.now += 6000;

    vi.advanceTimersByTime(1000);
    const left: number[] = [];
    for (let slice = 0; slice < 100; slice += 1) {
      left.push(Number(count(engine, 'fanfare_events')));
      vi.advanceTimersByTime(20);
    }

    const gone = left.map((now, slice) => (left[slice - 1] ?? SMALL + LARGE) - now);
    expect(left.at(-1)).toBe(0);
    expect(Math.max(...gone)).toBeLessThanOrEqual(512 + BATCH);
    expect(gone[0]).toBeGreaterThan(30);
    expect(gone[0]).toBeLessThanOrEqual(64);
  });

  it('bounds the table of idempotency keys by count and by age', async () => {
    await using fixture = new SqliteFixture();
    const time = { now: 1_000_000 };
    const engine = fixture.open({
      clock: { wallTime: () => time.now },
      idempotency: { count: 300, ageMs: 10_000 },
      sweepIntervalMs: 10,
    });
    for (let turn = 0; turn < 20; turn += 1) {
      await Promise.all(
        Array.from({ length: 100 }, (_, n) => engine.broker.append(note('a', n, { idempotencyKey: `k${turn}-${n}` }))),
      );
    }

    expect(Number(count(engine, 'fanfare_seen'))).toBeLessThanOrEqual(300 + BATCH);
    time.now += 20_000;
    await vi.waitFor(() => expect(Number(count(engine, 'fanfare_seen'))).toBeLessThan(BATCH), {
      timeout: 10_000,
      interval: 20,
    });
  });
});

describe('the database for systems', () => {
  it('gives back every kind of value as it was', async () => {
    await using fixture = new SqliteFixture();
    const { database } = fixture.open();
    database.exec('CREATE TABLE things (id INTEGER PRIMARY KEY, a, b)');
    const insert = database.prepare('INSERT INTO things (a, b) VALUES (?, ?)');

    expect(insert.run('chữ', 1.5)).toEqual({ changes: 1, lastInsertRowid: 1 });
    insert.run(new Uint8Array([0, 255]), null);

    const rows = database.prepare('SELECT a, b FROM things ORDER BY id').all();
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { a: 'chữ', b: 1.5 },
      { a: new Uint8Array([0, 255]), b: null },
    ]);
    expect(database.prepare('SELECT a FROM things WHERE id = ?').get(9)).toBeUndefined();
  });

  it.each([
    ['a boolean', true],
    ['undefined', undefined],
    ['an object', { text: 1 }],
    ['an array', [1]],
    ['a bigint beyond 64 bits', 2n ** 64n],
  ])('refuses %s as a parameter and lives on', async (_, value) => {
    await using fixture = new SqliteFixture();
    const { database } = fixture.open();
    const statement = database.prepare('SELECT ? AS value');

    expect(() => Reflect.apply(statement.get, statement, [value])).toThrow(TypeError);
    expect(statement.get('fine')).toMatchObject({ value: 'fine' });
  });

  it('refuses a parameter left out, which would keep the value of the call before', async () => {
    await using fixture = new SqliteFixture();
    const statement = fixture.open().database.prepare('SELECT ? AS a, ? AS b');
    statement.get(1, 'secret');

    expect(() => statement.get(2)).toThrow('Expected 2 parameters');
  });
});
