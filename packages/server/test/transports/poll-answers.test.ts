import { describe, expect, it, vi } from 'vitest';
import { memory } from '../../src/index.ts';
import { pollEncoding } from '../../src/transports/poll/encoding.ts';
import { type LiveServer, type channels as map, startLive } from './live-fixture.ts';
import { poll } from './poll-fixture.ts';

type Running = LiveServer<typeof map>;

async function publish(running: Running, channel: 'log:a' | 'log:b' | 'short:a', values: readonly unknown[]) {
  const positions: string[] = [];
  for (const value of values) positions.push((await running.live.channel(channel).publish('n', value)).position ?? '');
  return positions;
}

async function nextTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('an answer', () => {
  it('is bounded: the rest comes with the next polls, in order and without a gap', async () => {
    await using running = await startLive();
    const { cursor } = await poll(running, 'channel=log:a&channel=log:b');
    const payload = 'x'.repeat(20_000);
    for (let n = 0; n < 100; n += 1) {
      await running.live.channel('log:a').publish('n', { n, payload });
      await running.live.channel('log:b').publish('n', { n, payload });
    }

    const seen: Record<string, unknown[]> = { 'log:a': [], 'log:b': [] };
    const sizes: number[] = [];
    let at = { cursor, more: true };
    while (at.more) {
      const answer = await poll(running, `channel=log:a&channel=log:b&cursor=${at.cursor}&wait=5`);
      for (const { channel, data } of answer.events) seen[channel]?.push(Object(data).n);
      sizes.push(answer.text.length);
      at = { cursor: answer.cursor, more: answer.more === true };
    }

    const all = Array.from({ length: 100 }, (_, n) => n);
    expect(seen).toEqual({ 'log:a': all, 'log:b': all });
    expect(sizes.length).toBeGreaterThan(4);
    expect(Math.max(...sizes)).toBeLessThan(1024 * 1024);
  });

  it('is bounded also over many channels, of which some have no room to begin', async () => {
    await using running = await startLive();
    const names = Array.from({ length: 40 }, (_, at) => `log:${at}`);
    const query = names.map((name) => `channel=${name}`).join('&');
    const { cursor } = await poll(running, query);
    for (const name of names) {
      for (let n = 0; n < 4; n += 1)
        await running.live.api.publish({ channel: name, event: 'n', data: `${n}${'x'.repeat(20_000)}` });
    }

    const seen = new Map<string, string[]>();
    let at = { cursor, more: true };
    let polls = 0;
    while (at.more) {
      const answer = await poll(running, `${query}&cursor=${at.cursor}`);
      expect(answer).toMatchObject({ status: 200, recovered: true });
      expect(answer.text.length).toBeLessThan(1024 * 1024);
      for (const { channel, data } of answer.events)
        seen.set(channel, [...(seen.get(channel) ?? []), String(data)[0] ?? '']);
      at = { cursor: answer.cursor, more: answer.more === true };
      polls += 1;
    }

    expect(polls).toBeGreaterThan(5);
    for (const name of names) expect(seen.get(name), name).toEqual(['0', '1', '2', '3']);
  });

  it('claims nothing that came after it was full, while it still has to know that no channel is refused', async () => {
    const engine = memory();
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const head = vi.spyOn(engine.broker, 'head');
    await using running = await startLive({ engine });
    const { cursor } = await poll(running, 'channel=log:a');
    const payload = 'x'.repeat(20_000);
    for (let n = 0; n < 20; n += 1) await running.live.channel('log:a').publish('n', [n, payload]);
    head.mockImplementationOnce(async () => {
      await released;
      return { epoch: cursor.slice(2).split('.')[0] ?? '', offset: 0 };
    });

    const full = poll(running, `channel=log:a&channel=log:b&cursor=${cursor}&wait=20`);
    await expect.poll(() => running.live.stats().delivered, { timeout: 10_000 }).toBeGreaterThanOrEqual(20);
    await running.live.channel('log:a').publish('n', [20]);
    await nextTurns();
    release();
    const first = await full;
    const second = await poll(running, `channel=log:a&cursor=${first.cursor}`);

    expect(first.more).toBe(true);
    const seen = [...first.data, ...second.data].map((data) => (Array.isArray(data) ? data[0] : data));
    expect(seen).toEqual(Array.from({ length: 21 }, (_, n) => n));
  });

  it('holds an event that was framed once, however many polls get it', async () => {
    await using running = await startLive();
    const framed = vi.spyOn(pollEncoding, 'event');
    const { cursor } = await poll(running, 'channel=log:a');
    await publish(running, 'log:a', [1, 2, 3]);

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => poll(running, `channel=log:a&cursor=${cursor}`)),
    );

    expect(answers.map(({ data }) => data)).toEqual(Array.from({ length: 20 }, () => [1, 2, 3]));
    expect(framed).toHaveBeenCalledTimes(3);
    framed.mockRestore();
  });

  it('to HEAD is its headers, at once', async () => {
    await using running = await startLive();
    await running.live.channel('state:a').set(1);
    const { headers } = await poll(running, 'channel=state:a');

    const head = await poll(running, 'channel=state:a&wait=25', { method: 'HEAD' });

    expect(head).toMatchObject({ status: 200, text: '' });
    for (const name of ['etag', 'cache-control', 'content-type', 'content-length', 'vary']) {
      expect(head.headers.get(name), name).toBe(headers.get(name));
    }
  });

  it('is for nobody but its client, and asked for every time', async () => {
    await using running = await startLive({ allowedOrigins: ['https://app.example.com'] });

    const { headers } = await poll(running, 'channel=state:a', { headers: { Origin: 'https://app.example.com' } });

    expect(headers.get('cache-control')).toBe('private, no-cache');
    expect(headers.get('vary')?.split(', ').sort()).toEqual(['Authorization', 'Cookie', 'Origin']);
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each(['channel=signal:a', 'channel=state:a&channel=signal:a', 'channel=log:a'])(
    'that tells what its URL does not ask for is kept by no cache: %s',
    async (query) => {
      await using running = await startLive();

      const { headers } = await poll(running, query);

      expect(headers.get('cache-control')).toBe('private, no-cache, no-store');
    },
  );
});
