/** Polling and the operator's switch of transports: waiting polls hear of it at once, and no tag hides it [§15.3, §16]. */
import { describe, expect, it } from 'vitest';
import { startLive } from './live-fixture.ts';
import { poll, refusal, untilWaiting } from './poll-fixture.ts';

describe('while polling is not allowed', () => {
  it('a poll is refused with 503 TRANSPORT_DISABLED, and told what may be used and when to come back', async () => {
    await using running = await startLive({ transports: ['sse', 'ws'] });

    const answer = await poll(running, 'channel=log:a&wait=20');

    expect(refusal(answer)).toEqual({ status: 503, code: 'TRANSPORT_DISABLED' });
    expect(answer.error?.details).toMatchObject({ transports: ['ws', 'sse'], retryMs: expect.any(Number) });
    expect(answer.error?.message).toContain('ws, sse');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(running.live.stats().connections).toBe(0);
  });

  it('a poll whose access was asked meanwhile is refused too', async () => {
    let off = (): void => {};
    await using running = await startLive({
      authenticate: async () => {
        off();
        return undefined;
      },
    });
    off = () => running.live.setTransports(['sse']);

    expect(refusal(await poll(running, 'channel=log:a'))).toEqual({ status: 503, code: 'TRANSPORT_DISABLED' });
  });
});

describe('when the operator changes the transports', () => {
  it('a waiting poll is answered at once, with what may be used, and nothing is lost on either side of it', async () => {
    await using running = await startLive();
    const { cursor } = await poll(running, 'channel=log:a');
    const waiting = Array.from({ length: 10 }, () => poll(running, `channel=log:a&cursor=${cursor}&wait=25`));
    await untilWaiting(running.live, 10);

    running.live.setTransports(['sse']);
    await running.live.channel('log:a').publish('n', 1);
    const answers = await Promise.all(waiting);
    running.live.setTransports(['ws', 'sse', 'poll']);

    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 200, transports: ['sse'], recovered: true });
      const rest = await poll(running, `channel=log:a&cursor=${answer.cursor}`);
      expect([...answer.data, ...rest.data]).toEqual([1]);
      expect(rest.transports).toBeUndefined();
    }
  });

  it('every answer names them while they are restricted, and a waiting poll hears when they no longer are', async () => {
    await using running = await startLive({ transports: ['poll'] });
    const first = await poll(running, 'channel=log:a');
    const waiting = poll(running, `channel=log:a&cursor=${first.cursor}&wait=25`);
    await untilWaiting(running.live);

    running.live.setTransports(['ws', 'sse', 'poll']);
    const second = await waiting;

    expect(first.transports).toEqual(['poll']);
    expect(second).toMatchObject({ status: 200, events: [], cursor: first.cursor });
    expect(JSON.parse(second.text)).not.toHaveProperty('transports');
  });

  it.each(['wait=0', 'wait=25'])(
    'no tag of before holds, so that who polls by tag hears of it too: %s',
    async (wait) => {
      await using running = await startLive();
      await running.live.channel('state:a').set('value');
      const ask = (tag: string) => poll(running, `channel=state:a&${wait}`, { headers: { 'If-None-Match': tag } });
      const tagOf = ({ headers }: { headers: Headers }) => headers.get('etag') ?? '';

      const before = await poll(running, 'channel=state:a');
      running.live.setTransports(['poll']);
      const during = await ask(tagOf(before));
      running.live.setTransports(['ws', 'sse', 'poll']);
      const after = await ask(tagOf(during));

      expect(during).toMatchObject({ status: 200, data: ['value'], transports: ['poll'] });
      expect(after).toMatchObject({ status: 200, data: ['value'] });
      expect(tagOf(after)).toBe(tagOf(before));
      running.live.setTransports(['poll', 'sse']);
      const again = await poll(running, 'channel=state:a');
      expect((await poll(running, 'channel=state:a', { headers: { 'If-None-Match': tagOf(again) } })).status).toBe(304);
    },
  );

  it('a poll that waits by a tag brings all values, not only what is new', async () => {
    await using running = await startLive();
    await running.live.channel('state:a').set('value');
    const { headers } = await poll(running, 'channel=state:a');
    const held = { headers: { 'If-None-Match': headers.get('etag') ?? '' } };
    const waiting = poll(running, 'channel=state:a&wait=25', held);
    await untilWaiting(running.live);

    running.live.setTransports(['sse']);

    expect(await waiting).toMatchObject({ status: 200, data: ['value'], transports: ['sse'] });
  });
});
