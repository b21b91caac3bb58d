/** A reader that stops reading hurts nobody: its memory is bounded, and it gets everything, or the newest, when it is back. */
import { describe, expect, it, vi } from 'vitest';
import { RawClient, startLive } from './live-fixture.ts';

const KIB_8 = 'x'.repeat(8 * 1024);
const KIB_56 = 'x'.repeat(56 * 1024);

describe('a slow reader', () => {
  it('of a log is closed with a reconnectable code, and resumes complete', { timeout: 60_000 }, async () => {
    await using running = await startLive();
    const closed: number[] = [];
    running.live.observe((event) => event.kind === 'connection-closed' && closed.push(event.code));
    const path = '/live/sse?channel=log:a';
    using slow = RawClient.get(running.port, path);
    await slow.until('subscribed');

    slow.socket.pause();
    // More than the kernel's buffers of both ends take, less than the channel keeps.
    const total = 500;
    for (let n = 0; n < total; n += 1) {
      await running.live.channel('log:a').publish('n', { n, KIB_56 });
      await nextTurn();
    }
    await vi.waitUntil(() => closed.length === 1, { timeout: 20_000 });
    expect(closed).toEqual([3002]);
    expect(running.live.stats()).toMatchObject({ slowConsumers: 1, connections: 0 });

    slow.socket.resume();
    await slow.untilClosed();
    const before = numbers(slow);
    using back = RawClient.get(running.port, path, { 'Last-Event-ID': slow.named('n').at(-1)?.id ?? '' });
    await back.until('n', total - before.length);

    expect([...before, ...numbers(back)]).toEqual(Array.from({ length: total }, (_, n) => n));
    expect(back.named('lost')).toEqual([]);
  });

  it('of a state ends on the newest, without the values between, and stays connected', {
    timeout: 60_000,
  }, async () => {
    await using running = await startLive();
    using slow = RawClient.get(running.port, '/live/sse?channel=state:a');
    await slow.until('subscribed');

    slow.socket.pause();
    const total = 2000;
    for (let n = 0; n < total; n += 1) {
      await running.live.channel('state:a').set({ n, KIB_8 });
      await nextTurn();
    }
    const [held] = running.live.connections();
    expect(held?.bufferedBytes).toBeLessThan(1024 * 1024);
    slow.socket.resume();
    await vi.waitUntil(() => newest(slow) === total - 1, { timeout: 20_000 });

    expect(slow.named('state').length).toBeLessThan(total);
    expect(running.live.stats()).toMatchObject({ slowConsumers: 0, connections: 1 });
    expect(running.live.stats().conflated).toBeGreaterThan(0);
  });

  it('does not hold up the others', async () => {
    await using running = await startLive();
    using slow = RawClient.get(running.port, '/live/sse?channel=log:a');
    using quick = RawClient.get(running.port, '/live/sse?channel=log:a');
    await Promise.all([slow.until('subscribed'), quick.until('subscribed')]);

    slow.socket.pause();
    for (let n = 0; n < 600; n += 1) {
      await running.live.channel('log:a').publish('n', { n, KIB_8 });
      await nextTurn();
    }

    expect(await quick.until('n', 600)).toHaveLength(600);
  });
});

/** Publishes that arrive in turns of their own, as those of an HTTP API do, and not in one batch. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function numbers(client: RawClient): readonly number[] {
  return client.named('n').map((received) => JSON.parse(received.data).data.n);
}

function newest(client: RawClient): number {
  const last = client.named('state').at(-1);
  return last === undefined ? -1 : JSON.parse(last.data).data.n;
}
