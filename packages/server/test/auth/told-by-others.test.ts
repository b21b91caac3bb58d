/** What servers tell each other over the engine, written by a later version, or by nobody of us: no server ends of it, nor of what it wrote itself. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/core/index.ts';
import { type Identity, log, memory, sqlite } from '../../src/index.ts';
import { answerOf, post, startAll } from './wires.ts';

const soon = Date.now() + 20_000;
const issued = { kind: 'issued', hash: 'h', from: 'elsewhere', page: '', until: soon };

/** By the channel that it stands on. */
const TOLD: readonly (readonly [channel: string, dataJson: string])[] = [
  ['_fanfare:disconnections', 'no JSON'],
  ['_fanfare:disconnections', 'null'],
  ['_fanfare:disconnections', '{"from":"elsewhere","target":{"subject":"7","device":"of a later version"}}'],
  ['_fanfare:disconnections', '{"from":"elsewhere","target":{}}'],
  ['_fanfare:revocations', 'no JSON'],
  ['_fanfare:revocations', '{"kind":"device","value":"d","before":1}'],
  ['_fanfare:tickets', 'no JSON'],
  ['_fanfare:tickets', JSON.stringify({ ...issued, identity: { subject: '7' } })],
  ['_fanfare:tickets', JSON.stringify({ ...issued, identity: { subject: '7', roles: [], grants: { later: ['*'] } } })],
];

const start = (engine: Engine, found: Identity = { subject: '7', roles: [] }) =>
  startAll({ engine, authenticate: () => found, channels: { 'mine:{user}': log({ access: 'public' }) } });

/** Closed once, by whoever is last. */
const sharedBy = (engine: Engine): Engine => ({ ...engine, close: async () => {} });

async function ticket(url: string): Promise<string> {
  const { body } = await answerOf(post(`${url}/live/tickets`, {}));
  return Object(body).ticket;
}

const redeem = (url: string, value: string) => answerOf(fetch(`${url}/live/poll?channel=mine:7&ticket=${value}`));

/** Found by a class of the application's: nothing of it is its own but a field. */
class Member implements Identity {
  readonly #id = '7';
  get subject(): string {
    return this.#id;
  }
  get roles(): readonly string[] {
    return ['member'];
  }
}

describe('what another server says', () => {
  it.each(TOLD)('ends nothing on %s where this one does not know it: %s', async (channel, dataJson) => {
    const engine = memory();
    await using running = await start(engine);
    const { broker } = engine;
    const retention = { kind: 'window', count: 10 } as const;

    if (channel === '_fanfare:disconnections') broker.broadcast({ channel, event: 'disconnect', dataJson });
    else await broker.append({ channel, event: 'entry', dataJson, key: '', retention });

    expect(await redeem(running.url, await ticket(running.url))).toMatchObject({ status: 200 });
  });
});

describe('a ticket', () => {
  it.each<[string, Identity]>([
    ['that never ends', { subject: '7', roles: [], expiresAt: Number.POSITIVE_INFINITY }],
    ['that is older than everything', { subject: '7', roles: [], issuedAt: Number.NEGATIVE_INFINITY }],
    ['of a class of the application', new Member()],
  ])('for a credential %s opens a connection at either server of the engine', async (_, identity) => {
    const engine = memory();
    await using one = await start(sharedBy(engine), identity);
    await using two = await start(sharedBy(engine), identity);

    expect(await redeem(one.url, await ticket(one.url))).toMatchObject({ status: 200 });
    expect(await redeem(two.url, await ticket(one.url))).toMatchObject({ status: 200 });
  });

  it('for a credential without an end leaves the server of an sqlite file alive', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfare-told-'));
    try {
      const endless = { subject: '7', roles: [], expiresAt: Number.POSITIVE_INFINITY };
      await using running = await start(sqlite(join(folder, 'fanfare.db')), endless);

      expect(await redeem(running.url, await ticket(running.url))).toMatchObject({ status: 200 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
