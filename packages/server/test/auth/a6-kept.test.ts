/** A6: how long a revocation is kept: never shorter than its token lasts, and not for ever where it is known when that ends. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Revocations } from '../../src/auth/revocations.ts';
import type { AppendRequest, Broker } from '../../src/core/index.ts';
import { memory, sqlite } from '../../src/index.ts';
import { all, everyWay } from './every-way.ts';
import { ISSUERS, seconds, startTokens, token } from './token-fixture.ts';
import { answerOf, post, WAIT, WIRES } from './wires.ts';

const KEY = { Authorization: 'Bearer master' };
const HOUR = 3_600_000;

/** What is appended about revocations, as the engine is asked to keep it. */
function listening() {
  const engine = memory();
  const { broker } = engine;
  const kept: AppendRequest[] = [];
  const heard: Broker = {
    append: (request) => {
      if (request.channel.startsWith('_fanfare:revo')) kept.push(request);
      return broker.append(request);
    },
    broadcast: (event) => broker.broadcast(event),
    head: (channel) => broker.head(channel),
    read: (request) => broker.read(request),
    follow: (channel, listener) => broker.follow(channel, listener),
  };
  return { engine: { ...engine, broker: heard }, kept };
}

describe('A6 what is kept of a revoked token', () => {
  it.each([
    ['a minute', 60_000],
    ['a day', 24 * HOUR],
    ['a month', 31 * 24 * HOUR],
    ['a year', 366 * 24 * HOUR],
  ])('that lasts for %s lasts longer than the token, and ends', async (_, lastsMs) => {
    const { engine, kept } = listening();
    await using running = await startTokens(ISSUERS, { engine, apiKey: 'master' });

    await answerOf(post(`${running.url}/live/api/revoke`, { tokenId: 't-1', expiresAt: Date.now() + lastsMs }, KEY));

    const [request] = kept;
    expect(request?.retention).toMatchObject({ kind: 'window' });
    const { ageMs, count } = Object(request?.retention);
    expect(count).toBeUndefined();
    expect(ageMs).toBeGreaterThanOrEqual(lastsMs + HOUR);
  });

  it('is for ever where nobody knows when the token ends, or in more than a year', async () => {
    const { engine, kept } = listening();
    await using running = await startTokens(ISSUERS, { engine });

    await running.live.revoke({ tokenId: 't-1' });
    await running.live.revoke({ tokenId: 't-2', expiresAt: Date.now() + 4000 * 24 * HOUR });

    expect(kept.map(({ retention }) => retention.kind)).toEqual(['newest', 'newest']);
  });

  it('ends where a connection of the token knows when that ends', async () => {
    const { engine, kept } = listening();
    await using running = await startTokens(ISSUERS, { engine });
    const [, connect] = WIRES[0] ?? [];
    if (connect === undefined) throw new Error('no wire');
    const bearer = token('hs', { claims: { jti: 't-1', exp: seconds() + 600 } });
    using client = await connect({ port: running.port, channels: ['mine:7'], token: bearer });
    await vi.waitUntil(() => running.live.connections().some(({ identity }) => identity === '7'), WAIT);

    expect(await running.live.revoke({ tokenId: 't-1' })).toBe(1);
    await vi.waitUntil(() => client.closed, WAIT);

    expect(kept[0]?.retention.kind).toBe('window');
    expect(await everyWay(running, bearer)).toEqual(all('CREDENTIAL_REVOKED'));
  });

  it('survives a restart all the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfare-kept-'));
    const bearer = token('hs', { claims: { jti: 't-1' } });
    const start = () => startTokens(ISSUERS, { engine: sqlite(join(folder, 'fanfare.db')) });
    try {
      {
        await using running = await start();
        await running.live.revoke({ tokenId: 't-1', expiresAt: Date.now() + 600_000 });
        await Promise.all(
          Array.from({ length: 1500 }, (_, n) =>
            running.live.revoke({ tokenId: `many-${n}`, expiresAt: Date.now() + 600_000 }),
          ),
        );
      }
      await using again = await start();

      expect(await everyWay(again, bearer)).toEqual(all('CREDENTIAL_REVOKED'));
      expect(await everyWay(again, token('hs', { claims: { jti: 'many-1499' } }))).toEqual(all('CREDENTIAL_REVOKED'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is let go of in memory once it has run out, and not a moment sooner', async () => {
    let now = 1_000_000;
    const clock = { wallTime: () => now, after: () => () => {} };
    const { broker, close } = memory();
    const revocations = new Revocations({ broker, clock, endRevoked: () => 0, expiryOf: () => undefined });
    await revocations.known();
    const isRevoked = (tokenId: string) => revocations.isRevoked({ subject: '7', tokenId, issuedAt: now });
    await revocations.revoke({ tokenId: 'for-ever' });
    for (let n = 0; n < 900; n += 1) await revocations.revoke({ tokenId: `t-${n}`, expiresAt: now + HOUR });

    now += 2 * HOUR - 1;
    for (let n = 0; n < 200; n += 1) await revocations.revoke({ tokenId: `u-${n}`, expiresAt: now + HOUR });
    expect(['for-ever', 't-0', 't-899'].map(isRevoked)).toEqual([true, true, true]);
    now += 2;
    for (let n = 0; n < 3000; n += 1) await revocations.revoke({ tokenId: `v-${n}`, expiresAt: now + HOUR });

    expect(['for-ever', 'u-0', 'v-2999'].map(isRevoked)).toEqual([true, true, true]);
    expect(revocations.tokenCount).toBe(1 + 200 + 3000);
    revocations.close();
    await close();
  });

  it.each([
    [{ tokenId: 't', expiresAt: 'soon' }],
    [{ tokenId: 't', expiresAt: -1 }],
    [{ subject: '7', expiresAt: 1 }],
    [{ expiresAt: 1 }],
  ])('is refused where it makes no sense: %j', async (body) => {
    await using running = await startTokens(ISSUERS, { apiKey: 'master' });

    expect(await answerOf(post(`${running.url}/live/api/revoke`, body, KEY))).toMatchObject({
      status: 400,
      code: 'FIELD_INVALID',
    });
  });
});
