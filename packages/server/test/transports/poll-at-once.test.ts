/** What one client has under way at once: several polls of its connection, commands beside them, and a wire that is closed in the middle [§14, §15.4, §15.6]. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { type AccessDecision, log, state } from '../../src/index.ts';
import { expectNothingOpen, RawClient, startLive, startWith } from './live-fixture.ts';
import { poll, untilWaiting } from './poll-fixture.ts';

const WAIT = { timeout: 20_000, interval: 5 };

async function command(server: { readonly url: string }, connection: string, frames: readonly object[]) {
  const response = await fetch(`${server.url}/live/uplink/${connection}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ frames }),
  });
  const body: { readonly frames?: readonly Record<string, unknown>[]; readonly error?: { readonly code: string } } =
    await response.json();
  return { status: response.status, frames: body.frames ?? [], code: body.error?.code };
}

// Side by side: most of it is waiting.
describe.concurrent('polls of one connection at once', () => {
  it('are answered but for the last, which gets what comes, and are one connection all the while', async () => {
    await using running = await startLive();
    const { connection, cursor } = await poll(running, 'channel=log:a');
    let most = 0;
    running.live.observe(() => {
      most = Math.max(most, running.live.stats().connections);
    });
    const answered: (readonly unknown[])[] = [];

    const polls = Array.from({ length: 12 }, async () => {
      const answer = await poll(running, `channel=log:a&cursor=${cursor}&connection=${connection}&wait=20`);
      expect(answer).toMatchObject({ status: 200, connection, recovered: true });
      answered.push(answer.data);
    });
    await vi.waitUntil(() => answered.length === 11, WAIT);
    await untilWaiting(running.live);
    await running.live.channel('log:a').publish('n', 1);
    await Promise.all(polls);

    expect(answered).toEqual([...Array.from({ length: 11 }, () => []), [1]]);
    expect(most).toBe(1);
    await expectNothingOpen(running);
  });

  it('by a tag are told that it holds, and the last is held until it does not', async () => {
    await using running = await startLive();
    await running.live.channel('state:a').set('old');
    const first = await poll(running, 'channel=state:a');
    const init = { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } };
    const statuses: number[] = [];
    const values: unknown[] = [];

    const polls = Array.from({ length: 8 }, async () => {
      const answer = await poll(running, `channel=state:a&connection=${first.connection}&wait=20`, init);
      statuses.push(answer.status);
      values.push(...answer.data);
    });
    await vi.waitUntil(() => statuses.length === 7, WAIT);
    await untilWaiting(running.live);
    await running.live.channel('state:a').set('new');
    await Promise.all(polls);

    expect(statuses).toEqual([...Array.from({ length: 7 }, () => 304), 200]);
    expect(values).toEqual(['new']);
    await expectNothingOpen(running);
  });

  it('lose and double nothing to a reader that goes on from whichever has answered', async () => {
    await using running = await startLive();
    let at = await poll(running, 'channel=log:a');
    const seen: unknown[] = [];
    const total = 300;
    const publishing = (async () => {
      // In turns of the loop, so that the reader is under way all the while.
      for (let n = 0; n < total; n += 1) {
        await running.live.channel('log:a').publish('n', n);
        await nextTurn();
      }
    })();
    let rounds = 0;

    while (seen.length < total) {
      rounds += 1;
      const query = `channel=log:a&cursor=${at.cursor}&connection=${at.connection}&wait=1`;
      // The other one is left to itself: its answer is nobody's.
      const [one, other] = [poll(running, query), poll(running, query)];
      at = await Promise.race([one, other]);
      expect(at).toMatchObject({ status: 200, recovered: true });
      seen.push(...at.data);
      await Promise.all([one, other]);
    }
    await publishing;

    expect(seen).toEqual(Array.from({ length: total }, (_, n) => n));
    expect(rounds).toBeGreaterThan(5);
    await expectNothingOpen(running);
  });
});

describe.concurrent('commands beside a poll that waits', () => {
  it('at once from many requests are all of its connection', async () => {
    const access = { subscribe: 'public', publish: 'public' } as const;
    await using running = await startWith({
      channels: { 'log:{id}': log({ access }), 'state:{id}': state({ access }) },
    });
    const { connection, cursor } = await poll(running, 'channel=log:a');
    const waiting = poll(running, `channel=log:a&cursor=${cursor}&connection=${connection}&wait=20`);
    await untilWaiting(running.live);

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        command(running, connection, [
          { type: 'subscribe', id: n, channel: `log:${n}` },
          { type: 'ping', id: n },
        ]),
      ),
    );

    expect(answers.map(({ status, frames }) => [status, frames.map(({ type }) => type)])).toEqual(
      Array.from({ length: 20 }, () => [200, ['subscribed', 'heartbeat']]),
    );
    expect(running.live.connections()).toMatchObject([{ id: connection, channels: { length: 21 } }]);
    await running.live.channel('log:7').publish('n', 'seven');
    const answer = await waiting;
    expect(answer.data).toEqual(['seven']);
    expect(answer.subscriptions).toHaveLength(21);
    await expectNothingOpen(running);
  });

  it('that its client hangs up under are told that it has ended, and leave nothing behind', async () => {
    const asked: (() => void)[] = [];
    const later = (): Promise<AccessDecision> => new Promise((resolve) => asked.push(() => resolve({ allow: true })));
    await using running = await startWith({
      channels: { 'log:{id}': log({ access: 'public' }), 'door:{id}': log({ access: later }) },
    });
    const { connection, cursor } = await poll(running, 'channel=log:a');
    using client = RawClient.get(
      running.port,
      `/live/poll?channel=log:a&cursor=${cursor}&connection=${connection}&wait=20`,
    );
    await untilWaiting(running.live);

    const commanded = command(running, connection, [
      { type: 'subscribe', id: 1, channel: 'door:a' },
      { type: 'subscribe', id: 2, channel: 'log:b' },
    ]);
    await vi.waitUntil(() => asked.length === 1, WAIT);
    client.socket.resetAndDestroy();
    await vi.waitUntil(() => running.live.stats().connections === 0, WAIT);
    for (const answer of asked) answer();

    expect((await commanded).frames).toMatchObject([
      { type: 'error', id: 1, code: 'CLOSED', retry: true },
      { type: 'error', id: 2, code: 'CLOSED', retry: true },
    ]);
    await expectNothingOpen(running);
  });

  it('come too late where it has hung up without an answer, and its next poll misses nothing', async () => {
    await using running = await startLive();
    const { connection, cursor } = await poll(running, 'channel=log:a');
    const query = `channel=log:a&cursor=${cursor}&connection=${connection}`;
    using client = RawClient.get(running.port, `/live/poll?${query}&wait=20`);
    await untilWaiting(running.live);
    client.socket.destroy();
    await expectNothingOpen(running);
    await running.live.channel('log:a').publish('n', 'meanwhile');

    const [late, next] = [command(running, connection, [{ type: 'ping' }]), poll(running, query)];

    // The poll may be there before it: then there is a connection again, for a moment.
    expect([200, 404]).toContain((await late).status);
    expect(await next).toMatchObject({ status: 200, connection, data: ['meanwhile'], recovered: true });
    await expectNothingOpen(running);
  });
});
