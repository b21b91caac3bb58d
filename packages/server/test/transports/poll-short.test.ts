/** What a poll is answered with at once: what stood waiting, where the client stands now, and whether anything is lost [§15]. */
import { decodeServerFrame } from '@fanfare/protocol';
import { describe, expect, it } from 'vitest';
import { type LiveServer, type channels as map, RawClient, startLive } from './live-fixture.ts';
import { poll } from './poll-fixture.ts';

type Running = LiveServer<typeof map>;

async function publish(running: Running, channel: 'log:a' | 'log:b' | 'short:a', values: readonly unknown[]) {
  const positions: string[] = [];
  for (const value of values) positions.push((await running.live.channel(channel).publish('n', value)).position ?? '');
  return positions;
}

describe('a short poll', () => {
  it('begins now: no events, a cursor, and a subscription', async () => {
    await using running = await startLive();
    await publish(running, 'log:a', ['before']);

    const answer = await poll(running, 'channel=log:a');

    expect(answer).toMatchObject({ status: 200, events: [], recovered: true });
    expect(answer.subscriptions).toMatchObject([{ type: 'subscribed', channel: 'log:a', kind: 'log' }]);
    expect(answer.connection).toMatch(/^[A-Za-z0-9_-]{16,}$/);
    expect(Object.keys(JSON.parse(answer.text))).toEqual([
      'events',
      'cursor',
      'recovered',
      'subscriptions',
      'connection',
    ]);
  });

  it.each([
    ['its cursor', (cursor: string) => `channel=log:a&channel=log:b&cursor=${cursor}`],
    ['a position per channel', (_: string, a: string, b: string) => `channel=log:a@${a}&channel=log:b@${b}`],
    [
      'both, of which the position counts',
      (cursor: string, a: string) => `channel=log:a@${a}&channel=log:b&cursor=${cursor}`,
    ],
  ])('brings what was published since, in order, once, by %s', async (_, query) => {
    await using running = await startLive();
    const [a = ''] = await publish(running, 'log:a', [0]);
    const [b = ''] = await publish(running, 'log:b', [0]);
    const first = await poll(running, 'channel=log:a&channel=log:b');
    await publish(running, 'log:a', [1, 2]);
    await publish(running, 'log:b', [7]);

    const second = await poll(running, query(first.cursor, a, b));
    await publish(running, 'log:a', [3]);
    const third = await poll(running, `channel=log:a&channel=log:b&cursor=${second.cursor}`);

    expect(second.events.filter(({ channel }) => channel === 'log:a').map(({ data }) => data)).toEqual([1, 2]);
    expect(second.events.filter(({ channel }) => channel === 'log:b').map(({ data }) => data)).toEqual([7]);
    expect(second.recovered).toBe(true);
    expect(third.data).toEqual([3]);
  });

  it('takes the position of an event as the cursor of one channel', async () => {
    await using running = await startLive();
    const [first] = await publish(running, 'log:a', [1, 2, 3]);

    expect((await poll(running, `channel=log:a&cursor=${first}`)).data).toEqual([2, 3]);
  });

  it('carries the very frames of the other wires', async () => {
    await using running = await startLive();
    const { cursor } = await poll(running, 'channel=log:a&channel=state:k');
    using stream = RawClient.get(running.port, '/live/sse?channel=log:a&channel=state:k');
    await stream.until('subscribed', 2);
    await publish(running, 'log:a', [{ text: 'é "quoted" \u2028 \r\n' }]);
    await running.live.channel('state:k').set([1], { key: 'x' });

    const { text, events } = await poll(running, `channel=log:a&channel=state:k&cursor=${cursor}`);
    await stream.until('state');

    expect(events).toHaveLength(2);
    for (const { data } of [...stream.named('n'), ...stream.named('state')]) expect(text).toContain(data);
    for (const event of events) expect(decodeServerFrame(JSON.stringify(event)).ok).toBe(true);
  });

  it('brings the newest value of every key of a state, and with a cursor those set since', async () => {
    await using running = await startLive();
    const court = running.live.channel('state:a');
    await court.set('old', { key: 'x' });
    await court.set('y', { key: 'y' });
    await court.set('new', { key: 'x' });

    const all = await poll(running, 'channel=state:a');
    await court.set('z', { key: 'z' });
    const since = await poll(running, `channel=state:a&cursor=${all.cursor}`);

    expect(all.data).toEqual(['y', 'new']);
    expect(since.data).toEqual(['z']);
  });

  it('serves 128 channels under one cursor of less than 4 KiB', async () => {
    await using running = await startLive();
    const query = Array.from({ length: 128 }, (_, at) => `channel=log:${at}`).join('&');

    const first = await poll(running, query);
    await running.live.channel('log:127').publish('n', 'last');
    const second = await poll(running, `${query}&cursor=${first.cursor}`);

    expect(first.cursor.length).toBeLessThan(4096);
    expect(first.subscriptions).toHaveLength(128);
    expect(second.data).toEqual(['last']);
  });

  it('leaves nothing behind, and nothing but its own connection was ever there', async () => {
    await using running = await startLive();
    const kinds: string[] = [];
    running.live.observe((event) => kinds.push(event.kind));

    await poll(running, 'channel=log:a');

    expect(kinds).toEqual(['connection-opened', 'subscribed', 'unsubscribed', 'connection-closed']);
    expect(running.live.stats()).toMatchObject({ connections: 0, subscriptions: 0 });
  });
});

describe('a position that cannot be recovered', () => {
  it.each([
    ['trimmed', (epoch: string) => `channel=short:a@${epoch}.1`],
    ['ahead', (epoch: string) => `channel=short:a@${epoch}.zz`],
    ['epoch', () => 'channel=short:a@other.1'],
    ['invalid', () => 'channel=short:a@no%20position'],
    ['invalid', () => 'channel=short:a&cursor=1~garbage'],
    ['invalid', () => `channel=short:a&cursor=${'x'.repeat(5000)}`],
  ])('is answered with recovered: false and its cause, and goes on from the newest: %s', async (cause, query) => {
    await using running = await startLive();
    const [first = ''] = await publish(running, 'short:a', [1, 2, 3, 4, 5, 6]);
    const epoch = first.split('.')[0] ?? '';

    const lost = await poll(running, query(epoch));
    await publish(running, 'short:a', [7]);
    const next = await poll(running, `channel=short:a&cursor=${lost.cursor}`);

    expect(lost).toMatchObject({
      status: 200,
      events: [],
      recovered: false,
      subscriptions: [{ recovered: false, cause }],
    });
    expect(next).toMatchObject({ recovered: true, data: [7] });
  });

  it('is told for its channel, while the others recover', async () => {
    await using running = await startLive();
    const [first] = await publish(running, 'log:a', [1, 2]);

    const answer = await poll(running, `channel=log:a@${first}&channel=log:b@other.1`);

    expect(answer.data).toEqual([2]);
    expect(answer.recovered).toBe(false);
    expect(answer.subscriptions).toHaveLength(2);
    expect(answer.subscriptions).toContainEqual(expect.objectContaining({ channel: 'log:a', recovered: true }));
    expect(answer.subscriptions).toContainEqual(
      expect.objectContaining({ channel: 'log:b', recovered: false, cause: 'epoch' }),
    );
  });

  it('of a state is followed by the current values', async () => {
    await using running = await startLive();
    await running.live.channel('state:a').set('now');

    expect(await poll(running, 'channel=state:a@other.1')).toMatchObject({ recovered: false, data: ['now'] });
  });

  it('is answered at once, however long the poll would wait', async () => {
    await using running = await startLive();

    expect(await poll(running, 'channel=log:a@other.1&wait=25')).toMatchObject({ recovered: false });
  });
});
