/** How many statements a publish costs: a count that no busy machine changes. */
import { describe, expect, it } from 'vitest';
import { ChannelTable } from '../../src/engines/sqlite/channel-table.ts';
import { openSql, type SqlDatabase, type SqlValue } from '../../src/engines/sqlite/driver.ts';
import { EventStore } from '../../src/engines/sqlite/event-store.ts';
import { FreshEvents } from '../../src/engines/sqlite/fresh-events.ts';
import { SCHEMA } from '../../src/engines/sqlite/schema.ts';
import { SeenKeys } from '../../src/engines/sqlite/seen-keys.ts';
import { SqliteBroker } from '../../src/engines/sqlite/sqlite-broker.ts';
import { note } from './sqlite-fixture.ts';

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
});
