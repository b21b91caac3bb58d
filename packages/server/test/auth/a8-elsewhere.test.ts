/** A8: a ticket of one server at another that shares its engine, and after a restart: there too it opens one connection. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Broker, type Engine, EngineUnavailable } from '../../src/core/index.ts';
import { memory, sqlite } from '../../src/index.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { ISSUERS, startTokens, token } from './token-fixture.ts';
import { answerOf, post } from './wires.ts';

const APP = 'https://app.example.com';
const bearer = (sub = '7') => ({ Authorization: `Bearer ${token('hs', { claims: { sub } })}` });
const start = (engine: Engine, settings = {}) => startTokens(ISSUERS, { engine, allowedOrigins: [APP], ...settings });

/** Closed once, by whoever is last. */
const sharedBy = (engine: Engine): Engine => ({ ...engine, close: async () => {} });

async function ticket(url: string, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await answerOf(post(`${url}/live/tickets`, {}, { ...bearer(), ...headers }));
  return Object(body).ticket;
}

async function redeem(url: string, value: string, headers: Record<string, string> = {}): Promise<string> {
  const { status, code } = await answerOf(fetch(`${url}/live/poll?channel=mine:7&ticket=${value}`, { headers }));
  return status === 200 ? 'open' : String(code);
}

/** What others append is heard here only once somebody reads: the slowest that a shared engine may be. */
function hardOfHearing(engine: Engine): Engine {
  const { broker } = engine;
  const deaf: Broker = {
    append: (request) => broker.append(request),
    broadcast: (event) => broker.broadcast(event),
    head: (channel) => broker.head(channel),
    read: (request) => broker.read(request),
    follow: (channel, listener) => (channel === '_fanfare:tickets' ? () => {} : broker.follow(channel, listener)),
  };
  return { ...engine, broker: deaf };
}

describe.each([
  ['that hears of it', sharedBy],
  ['that has not heard of it yet', (engine: Engine) => hardOfHearing(sharedBy(engine))],
])('A8 a ticket at another server of the engine, %s,', (_, shared) => {
  it('opens once, wherever', async () => {
    const engine = memory();
    await using one = await start(shared(engine));
    await using two = await start(shared(engine));
    const there = await ticket(one.url);
    const here = await ticket(one.url);

    expect(await redeem(two.url, there)).toBe('open');
    expect(await redeem(one.url, there)).toBe('TICKET_INVALID');
    expect(await redeem(two.url, there)).toBe('TICKET_INVALID');
    expect(await redeem(one.url, here)).toBe('open');
    expect(await redeem(two.url, here)).toBe('TICKET_INVALID');
  });

  it('opens once where it is shown to both at the same moment', async () => {
    const engine = memory();
    await using one = await start(shared(engine));
    await using two = await start(shared(engine));

    for (let round = 0; round < 10; round += 1) {
      const value = await ticket(one.url);
      const shown = await Promise.all([one, two, one, two].map(({ url }) => redeem(url, value)));
      expect(shown.sort()).toEqual(['TICKET_INVALID', 'TICKET_INVALID', 'TICKET_INVALID', 'open']);
    }
  });

  it('is of the page that asked for it, and is used up by another', async () => {
    const engine = memory();
    await using one = await start(shared(engine));
    await using two = await start(shared(engine));
    const right = await ticket(one.url, { Origin: APP });
    const wrong = await ticket(one.url, { Origin: APP });

    expect(await redeem(two.url, right, { Origin: APP })).toBe('open');
    expect(await redeem(two.url, wrong)).toBe('TICKET_INVALID');
    expect(await redeem(one.url, wrong, { Origin: APP })).toBe('TICKET_INVALID');
  });

  it('is worth nothing after 30 s', async () => {
    const engine = memory();
    let lateMs = 0;
    const clock = { ...systemClock, wallTime: () => systemClock.wallTime() + lateMs };
    await using one = await start(shared(engine));
    const value = await ticket(one.url);
    lateMs = 30_001;
    await using late = await start(shared(engine), { clock });

    expect(await redeem(late.url, value)).toBe('TICKET_INVALID');
  });
});

describe('A8 a ticket and its server', () => {
  it('survives a restart, and so does that it was used', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfare-tickets-'));
    const path = join(folder, 'fanfare.db');
    try {
      const kept: string[] = [];
      {
        await using before = await start(sqlite(path));
        kept.push(await ticket(before.url), await ticket(before.url));
        expect(await redeem(before.url, kept[0] ?? '')).toBe('open');
      }
      await using after = await start(sqlite(path));

      expect(await redeem(after.url, kept[0] ?? '')).toBe('TICKET_INVALID');
      expect(await redeem(after.url, kept[1] ?? '')).toBe('open');
      expect(await redeem(after.url, kept[1] ?? '')).toBe('TICKET_INVALID');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is not given, and opens nothing, while the engine cannot say whether it was used', async () => {
    const engine = memory();
    let isBroken = false;
    const { broker } = engine;
    const append: Broker['append'] = (request) =>
      isBroken && request.channel === '_fanfare:tickets'
        ? Promise.reject(new EngineUnavailable('out of reach'))
        : broker.append(request);
    const breaking: Broker = {
      append,
      broadcast: (event) => broker.broadcast(event),
      head: (channel) => broker.head(channel),
      read: (request) => broker.read(request),
      follow: (channel, listener) => broker.follow(channel, listener),
    };
    await using running = await start({ ...engine, broker: breaking });
    const value = await ticket(running.url);
    isBroken = true;

    expect(await answerOf(post(`${running.url}/live/tickets`, {}, bearer()))).toMatchObject({ status: 503 });
    expect(await redeem(running.url, value)).toBe('ENGINE_UNAVAILABLE');
  });
});
