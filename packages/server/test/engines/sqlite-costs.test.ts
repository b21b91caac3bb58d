/** How many statements a publish costs: a count that no busy machine changes. */
import { describe, expect, it } from 'vitest';
import { ChannelTable } from '../../src/engines/sqlite/channel-table.ts';
import { openSql, type SqlDatabase, type SqlValue } from '../../src/engines/sqlite/driver.ts';
import { EventStore } from '../../src/engines/sqlite/event-store.ts';
import { FreshEvents } from '../../src/engines/sqlite/fresh-events.ts';
import { SCHEMA } from '../../src/engines/sqlite/schema.ts';
import { SeenKeys } from '../../src/engines/sqlite/seen-keys.ts';
import { SqliteBroker } from '../../src/engines/sqlite/sqlite-broker.ts';
import { count, note, SqliteFixture } from './sqlite-fixture.ts';

/** Every statement that runs, as its SQL. */
function counting(database: SqlDatabase, ran: string[]): SqlDatabase {
  return {
    exec: (sql) => {
      ran.push(sql);
      database.exec(sql);
    },
    prepare: (sql) => {
      const statement = database.prepare(sql);
      const counted =
        <A extends readonly unknown[], T>(run: (...params: A) => T) =>
        (...params: A): T => {
          ran.push(sql);
          return run(...params);
        };
      return {
        run: counted((...params: readonly SqlValue[]) => statement.run(...params)),
        get: counted((...params: readonly SqlValue[]) => statement.get(...params)),
        all: counted((...params: readonly SqlValue[]) => statement.all(...params)),
      };
    },
  };
}

function open(ran: string[]): SqliteBroker {
  const connection = openSql(':memory:', { busyTimeoutMs: 0 });
  connection.exec(SCHEMA);
  const database = counting(connection, ran);
  const fresh = new FreshEvents(database);
  const channels = new ChannelTable(database, fresh);
  return new SqliteBroker({
    ...{ database, systemDatabase: database, channels, epoch: 'abc', ack: 'accepted', maxPending: 10_000 },
    clock: { wallTime: Date.now },
    events: new EventStore(database, { channels, fresh, epoch: 'abc' }),
    seen: new SeenKeys(database, { count: 1000, ageMs: 60_000 }),
  });
}

describe('a turn of the sqlite engine', () => {
  it('is one transaction with a statement for every sixteen events or more, and a few to trim', async () => {
    const ran: string[] = [];
    const broker = open(ran);
    const retention = { kind: 'window', count: 100 } as const;
    await broker.append(note('a', 0, { retention }));
    ran.length = 0;

    await Promise.all(Array.from({ length: 256 }, (_, n) => broker.append(note('a', n, { retention }))));

    expect(ran.filter((sql) => /^BEGIN/.test(sql))).toHaveLength(1);
    expect(ran.filter((sql) => /^COMMIT/.test(sql))).toHaveLength(1);
    expect(ran.filter((sql) => /^INSERT INTO fanfare_events/.test(sql)).length).toBeLessThanOrEqual(256 / 16);
    expect(ran.length).toBeLessThanOrEqual(2 + 3 * (256 / 16));
  });

  it('asks and notes each idempotency key once', async () => {
    const ran: string[] = [];
    const broker = open(ran);
    await broker.append(note('a', 0));
    ran.length = 0;

    await Promise.all(Array.from({ length: 50 }, (_, n) => broker.append(note('a', n, { idempotencyKey: `k${n}` }))));

    expect(ran.filter((sql) => /fanfare_seen/.test(sql)).length).toBeLessThanOrEqual(2 * 50 + 2);
    expect(ran.length).toBeLessThanOrEqual(3 * 50 + 4);
  });

  it('makes its new channels by few statements, and asks the file for none of them while it knows all others', async () => {
    const ran: string[] = [];
    const broker = open(ran);
    const retention = { kind: 'window', ageMs: 60_000 } as const;
    await broker.append(note('a', 0, { retention }));
    ran.length = 0;

    await Promise.all(Array.from({ length: 256 }, (_, n) => broker.append(note(`new:${n}`, n, { retention }))));

    expect(ran.filter((sql) => /fanfare_channels/.test(sql))).toHaveLength(256 / 64);
    expect(ran.length).toBeLessThanOrEqual(2 + 2 * (256 / 64));
  });
});

describe('a commit of the sqlite engine', () => {
  /** More events than may wait for their places, so that each commit gives some to thousands of channels. */
  const ROUNDS = 5;
  const CHANNELS = 20_000;
  const COMMITS = 200;
  const EVENTS_PER_COMMIT = 16;
  /** All channels in turn, in another order in every round: no step shares a factor with the count of channels. */
  const STEPS = [1, 7919, 12_347, 3331, 17_393, 9001];
  const channelAt = (n: number) => (n * (STEPS[Math.floor(n / CHANNELS)] ?? 1)) % CHANNELS;

  it('writes few pages, however many channels are published to and in whatever order', async () => {
    await using fixture = new SqliteFixture();
    const engine = fixture.open();
    let sent = 0;
    const next = () => note(`c${channelAt(sent++)}`, sent);
    const commit = (events: number) => Promise.all(Array.from({ length: events }, () => engine.broker.append(next())));
    while (sent < ROUNDS * CHANNELS) await commit(500);
    const placed = Number(count(engine, 'fanfare_places'));
    engine.database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all();

    for (let n = 0; n < COMMITS; n += 1) await commit(EVENTS_PER_COMMIT);

    const log = engine.database.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
    expect(Number(count(engine, 'fanfare_places')) - placed).toBeGreaterThan((COMMITS * EVENTS_PER_COMMIT) / 2);
    expect(Number(log?.['log'])).toBeGreaterThan(COMMITS);
    expect(Number(log?.['log']) / COMMITS).toBeLessThan(4);
  });
});
