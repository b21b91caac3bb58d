/** A system's rows and its events in one commit. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createFanfare, FanfareError, log, memory, type StandardSchema, sqlite, state } from '../../src/index.ts';

const Async: StandardSchema<number> = {
  '~standard': { version: 1, vendor: 'test', validate: async () => ({ issues: [{ message: 'late' }] }) },
};
const channels = {
  'match:{id}': log({ events: { score: z.object({ points: z.number() }), late: Async } }),
  'court:{pin}': state({ schema: z.object({ points: z.number() }) }),
};

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-transaction-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function start() {
  const live = createFanfare({ engine: sqlite(join(folder, 'fanfare.db')), channels });
  return { live, close: () => live.close() };
}

describe('a transaction', () => {
  it('commits rows, events and values together, and delivers them', async () => {
    const { live, close } = start();

    const rows = await live.transaction((tx) => {
      tx.database.exec('CREATE TABLE matches (id INTEGER PRIMARY KEY, points INTEGER)');
      tx.database.prepare('INSERT INTO matches (points) VALUES (?)').run(7);
      tx.channel('match:1').publish('score', { points: 7 });
      tx.channel('court:1').set({ points: 7 });
      return tx.database.prepare('SELECT points FROM matches').all();
    });

    expect(rows).toEqual([{ points: 7 }]);
    expect(await live.channel('match:1').history()).toMatchObject({ events: [{ data: { points: 7 } }] });
    expect(await live.channel('court:1').get()).toEqual({ points: 7 });
    expect(live.stats().published).toBe(2);
    await close();
  });

  it('that throws leaves neither rows nor events, and rejects with what was thrown', async () => {
    const { live, close } = start();
    await live.transaction((tx) => tx.database.exec('CREATE TABLE matches (points INTEGER)'));
    const boom = new Error('rule broken');

    const outcome = live.transaction((tx) => {
      tx.database.prepare('INSERT INTO matches VALUES (1)').run();
      tx.channel('match:1').publish('score', { points: 1 });
      throw boom;
    });

    await expect(outcome).rejects.toBe(boom);
    expect(await live.transaction((tx) => tx.database.prepare('SELECT * FROM matches').all())).toEqual([]);
    expect(await live.channel('match:1').history()).toMatchObject({ events: [] });
    expect(live.stats().published).toBe(0);
    await close();
  });

  it('is undone by a payload that the schema refuses', async () => {
    const { live, close } = start();

    const outcome = live.transaction((tx) => {
      tx.channel('match:1').publish('score', { points: 1 });
      tx.channel('court:1').set({ points: 'many' } as never);
    });

    await expect(outcome).rejects.toMatchObject({ code: 'PAYLOAD_INVALID' });
    expect(await live.channel('match:1').history()).toMatchObject({ events: [] });
    await close();
  });

  it('refuses a schema that cannot answer at once', async () => {
    const { live, close } = start();

    const outcome = live.transaction((tx) => tx.channel('match:1').publish('late', 1));

    await expect(outcome).rejects.toThrow(TypeError);
    await close();
  });

  it('needs an engine that has transactions', async () => {
    const live = createFanfare({ engine: memory(), channels });

    const outcome = live.transaction(() => 1);

    await expect(outcome).rejects.toBeInstanceOf(FanfareError);
    await expect(outcome).rejects.toMatchObject({ code: 'TRANSACTIONS_UNSUPPORTED' });
  });
});
