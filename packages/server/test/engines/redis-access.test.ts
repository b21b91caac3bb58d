/** What ends somebody's access on one server ends it on every server of the same Redis: revocations, disconnections. */
import { findRedis } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { log, redis } from '../../src/index.ts';
import { answerOf, startAll, WAIT, WIRES } from '../auth/wires.ts';
import type { LiveServer } from '../transports/live-fixture.ts';
import { isReady, RedisFixture } from './redis-fixture.ts';

const channels = { 'mine:{user}': log({ access: () => ({ allow: true }) }) };

async function startOn(fixture: RedisFixture): Promise<LiveServer<typeof channels>> {
  const engine = redis(fixture.server.url, { timeoutMs: 1000 });
  const running = await startAll({
    engine,
    channels,
    authenticate: ({ headers }) => {
      const subject = (headers.authorization ?? '').replace('Bearer ', '');
      return subject === '' ? undefined : { subject, roles: [], issuedAt: Date.now() - 5000, tokenId: `t-${subject}` };
    },
  });
  await isReady(engine);
  return running;
}

describe.skipIf(findRedis() === undefined).each(WIRES)('two servers on one Redis, over %s', (name, connect) => {
  it.each([{ subject: '7' }, { tokenId: 't-7' }])(
    'a credential that one revokes (%j) ends on the other within 5 s, and opens nothing on one that starts later',
    async (revocation) => {
      await using fixture = await RedisFixture.start();
      await using here = await startOn(fixture);
      await using there = await startOn(fixture);
      using client = await connect({ port: there.port, channels: ['mine:7'], token: '7' });
      using other = await connect({ port: there.port, channels: ['mine:8'], token: '8' });
      await vi.waitUntil(() => there.live.connections().length === 2, WAIT);
      const began = performance.now();

      await here.live.revoke(revocation);
      await vi.waitUntil(() => client.closed, WAIT);

      expect(performance.now() - began).toBeLessThan(5000);
      if (name !== 'poll') expect(client.closeCode).toBe(3508);
      expect(other.closed).toBe(false);
      await using later = await startOn(fixture);
      for (const { url } of [here, there, later]) {
        const bearer = { Authorization: 'Bearer 7' };
        const answer = await answerOf(fetch(`${url}/live/poll?channel=mine:7`, { headers: bearer }));
        expect(answer).toMatchObject({ status: 401, code: 'CREDENTIAL_REVOKED' });
      }
    },
  );

  it('who is disconnected on one is disconnected on the other', async () => {
    await using fixture = await RedisFixture.start();
    await using here = await startOn(fixture);
    await using there = await startOn(fixture);
    using client = await connect({ port: there.port, channels: ['mine:7'], token: '7' });
    using other = await connect({ port: there.port, channels: ['mine:8'], token: '8' });
    await vi.waitUntil(() => there.live.connections().length === 2, WAIT);

    here.live.disconnect({ subject: '7' });
    await vi.waitUntil(() => client.closed, WAIT);

    if (name !== 'poll') expect(client.closeCode).toBe(3507);
    expect(other.closed).toBe(false);
  });
});
