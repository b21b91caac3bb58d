/** `ETag` and `If-None-Match` of a poll: whoever has the answer already gets none [§15.3]. */
import { describe, expect, it } from 'vitest';
import { expectNothingOpen, startLive } from './live-fixture.ts';
import { type PollReply, poll, untilWaiting } from './poll-fixture.ts';

const tagOf = ({ headers }: PollReply): string => headers.get('etag') ?? '';

/** An answer that the client has. */
const held = (answer: PollReply) => ({ headers: { 'If-None-Match': tagOf(answer) } });

// Side by side: most of it is waiting.
describe.concurrent('the tag of an answer', () => {
  it('is its cursor in quotes', async () => {
    await using running = await startLive();
    const answer = await poll(running, 'channel=log:a&channel=state:a');

    expect(tagOf(answer)).toBe(`"${answer.cursor}"`);
  });

  it.each([
    ['as it was', (tag: string) => tag],
    ['weak, as a compressing proxy makes it', (tag: string) => `W/${tag}`],
    ['among others', (tag: string) => `"other", ${tag}`],
  ])('that still holds is answered with 304 and no body: %s', async (_, written) => {
    await using running = await startLive();
    await running.live.channel('state:a').set('value');
    const first = await poll(running, 'channel=state:a&channel=log:a');

    const second = await poll(running, 'channel=state:a&channel=log:a', {
      headers: { 'If-None-Match': written(tagOf(first)) },
    });

    expect(second).toMatchObject({ status: 304, text: '' });
    expect(tagOf(second)).toBe(tagOf(first));
    expect(second.headers.get('vary')).toBe(first.headers.get('vary'));
    expect(second.headers.get('cache-control')).toBe(first.headers.get('cache-control'));
  });

  it('is looked for among the first eight of a list, so that a list of thousands costs no more than a short one', async () => {
    await using running = await startLive();
    const first = await poll(running, 'channel=state:a');
    const behind = async (others: number) =>
      (
        await poll(running, 'channel=state:a', {
          headers: { 'If-None-Match': `${'"a",'.repeat(others)}${tagOf(first)}` },
        })
      ).status;

    expect(await behind(7)).toBe(304);
    expect(await behind(8)).toBe(200);
    expect(await behind(3000)).toBe(200);
  });

  it('holds also where nobody has watched the channel for a while, so that the engine must be asked', async () => {
    await using running = await startLive({ limits: { lingerMs: 0 } });
    await running.live.channel('state:a').set('value');
    const first = await poll(running, 'channel=state:a');
    await expectNothingOpen(running);

    expect((await poll(running, 'channel=state:a', held(first))).status).toBe(304);
    await running.live.channel('state:a').set('newer');
    expect(await poll(running, 'channel=state:a', held(first))).toMatchObject({ status: 200, data: ['newer'] });
  });

  it.each(['"garbage"', 'garbage', '*', '"1~other.000000005"', '""', '"1~'])(
    'that is not of this answer changes nothing: %s',
    async (tag) => {
      await using running = await startLive();
      await running.live.channel('state:a').set('value');

      const answer = await poll(running, 'channel=state:a', { headers: { 'If-None-Match': tag } });

      expect(answer).toMatchObject({ status: 200, data: ['value'], recovered: true });
    },
  );

  it('of an answer that lacks a channel does not hold for that channel', async () => {
    await using running = await startLive();
    await running.live.channel('state:b').set('b');
    const first = await poll(running, 'channel=state:a');

    expect(await poll(running, 'channel=state:a&channel=state:b', held(first))).toMatchObject({
      status: 200,
      data: ['b'],
    });
  });

  it('of a history that is no more brings the values, and calls nothing lost that was not asked for', async () => {
    await using running = await startLive();
    await running.live.channel('state:a').set('value');
    const first = await poll(running, 'channel=state:a');
    const [epoch = ''] = first.cursor.slice(2).split('.');
    const foreign = { headers: { 'If-None-Match': tagOf(first).replace(epoch, 'Other') } };

    expect(await poll(running, 'channel=state:a', foreign)).toMatchObject({
      status: 200,
      data: ['value'],
      recovered: true,
    });
  });

  it('is refused like any other request: before anything is said of what holds', async () => {
    await using running = await startLive();
    const first = await poll(running, 'channel=small:a');
    const waiting = poll(running, 'channel=small:a&wait=20');
    await untilWaiting(running.live);

    const second = await poll(running, 'channel=small:a', held(first));

    expect(second.status).toBe(503);
    await running.live.channel('small:a').publish('n', 1);
    expect((await waiting).data).toEqual([1]);
  });
});

describe.concurrent('a poll that waits with a tag', () => {
  it('is held while it holds, and then gets all current values of a state, not only the new one', async () => {
    await using running = await startLive();
    const court = running.live.channel('state:a');
    await court.set('x1', { key: 'x' });
    await court.set('y1', { key: 'y' });
    const first = await poll(running, 'channel=state:a');

    const waiting = poll(running, 'channel=state:a&wait=20', held(first));
    await untilWaiting(running.live);
    await court.set('x2', { key: 'x' });
    const second = await waiting;

    expect(second).toMatchObject({ status: 200, data: ['y1', 'x2'], recovered: true });
    expect(second.subscriptions).toHaveLength(1);
    expect(tagOf(second)).toBe(`"${second.cursor}"`);
    await expectNothingOpen(running);
  });

  it('is answered at once when the values have changed already', async () => {
    await using running = await startLive();
    const court = running.live.channel('state:a');
    await court.set('x1', { key: 'x' });
    await court.set('y1', { key: 'y' });
    const first = await poll(running, 'channel=state:a');
    await court.set('x2', { key: 'x' });

    expect(await poll(running, 'channel=state:a&wait=20', held(first))).toMatchObject({ data: ['y1', 'x2'] });
  });

  it('gets 304 when the wait runs out', async () => {
    await using running = await startLive();
    await running.live.channel('state:a').set('value');
    const first = await poll(running, 'channel=state:a');

    expect(await poll(running, 'channel=state:a&wait=0.5', held(first))).toMatchObject({ status: 304, text: '' });
    await expectNothingOpen(running);
  });

  it('gets from its cursor what is new when that is where it stands', async () => {
    await using running = await startLive();
    await running.live.channel('state:a').set('x1', { key: 'x' });
    await running.live.channel('state:a').set('y1', { key: 'y' });
    const first = await poll(running, 'channel=state:a');

    const waiting = poll(running, `channel=state:a&cursor=${first.cursor}&wait=20`, held(first));
    await untilWaiting(running.live);
    await running.live.channel('state:a').set('x2', { key: 'x' });

    expect((await waiting).data).toEqual(['x2']);
  });

  it('loses no signal for the values that it brings along', async () => {
    await using running = await startLive();
    await running.live.channel('state:a').set('value');
    const query = 'channel=state:a&channel=signal:a&wait=20';
    const first = await poll(running, query);

    const waiting = poll(running, query, held(first));
    await untilWaiting(running.live);
    await running.live.channel('signal:a').publish('typing', 'signal');

    expect([...(await waiting).data].sort()).toEqual(['signal', 'value']);
  });

  it('follows a log by its tag alone, and misses nothing between two polls', async () => {
    await using running = await startLive();
    const first = await poll(running, 'channel=log:a');
    await running.live.channel('log:a').publish('n', 1);

    const second = await poll(running, 'channel=log:a&wait=20', held(first));
    const waiting = poll(running, 'channel=log:a&wait=20', held(second));
    await untilWaiting(running.live);
    await running.live.channel('log:a').publish('n', 2);
    const third = await waiting;

    expect([second.data, third.data]).toEqual([[1], [2]]);
    expect((await poll(running, 'channel=log:a', held(third))).status).toBe(304);
  });

  it('is told of a loss where the history of its log is no more', async () => {
    await using running = await startLive();
    const first = await poll(running, 'channel=log:a');
    const [epoch = ''] = first.cursor.slice(2).split('.');
    const foreign = { headers: { 'If-None-Match': tagOf(first).replace(epoch, 'Other') } };

    expect(await poll(running, 'channel=log:a&wait=20', foreign)).toMatchObject({ status: 200, recovered: false });
  });
});
