/** D8: the wire cut after every single byte of an answer. No half event reaches the page, and the next connect brings each rest once. */
import { type FaultProxy, startFaultProxy } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { RawClient, startLive } from './live-fixture.ts';

const EVENTS = 3;
const LANES = 8;

describe('a stream cut after byte k, for every k', () => {
  it.each([
    ['one channel', 'channel=log:a'],
    ['two channels', 'channel=log:a&channel=state:b'],
  ])('delivers everything once and in order: %s', { timeout: 120_000 }, async (_, query) => {
    await using running = await startLive();
    const path = `/live/sse?${query}`;
    const start = await whereItStands(running.port, path);
    await running.live.channel('state:b').set({ v: 1 });
    for (let n = 0; n < EVENTS; n += 1) await running.live.channel('log:a').publish('n', n);
    const length = await answerLength(running.port, path, start);
    let tried = 0;

    const tryCut = async (proxy: FaultProxy, bytes: number): Promise<void> => {
      proxy.cutAfter(bytes);
      using cut = RawClient.get(proxy.port, path, { 'Last-Event-ID': start });
      await cut.untilClosed();
      const seen = numbers(cut);
      const id = cut.events.filter((event) => event.id !== '').at(-1)?.id ?? start;
      using back = RawClient.get(running.port, path, { 'Last-Event-ID': id });
      await back.until('recovered');
      await back.until('n', EVENTS - seen.length);
      expect([...seen, ...numbers(back)], `cut after ${bytes}`).toEqual([0, 1, 2]);
      expect(back.named('lost')).toEqual([]);
      tried += 1;
    };
    // Several proxies at once: each cuts in a place of its own.
    const lane = async (first: number): Promise<void> => {
      await using proxy = await startFaultProxy({ targetPort: running.port });
      for (let bytes = first; bytes < length; bytes += LANES) await tryCut(proxy, bytes);
    };
    await Promise.all(Array.from({ length: LANES }, (__, first) => lane(first)));

    expect(length).toBeGreaterThan(500);
    expect(tried).toBe(length);
  });
});

function numbers(client: RawClient): readonly unknown[] {
  return client.frames('n').map((frame) => frame.data);
}

/** The id of a client that has seen everything so far. */
async function whereItStands(port: number, path: string): Promise<string> {
  using client = RawClient.get(port, path);
  const subscribed = await client.until('subscribed', path.split('channel=').length - 1);
  return subscribed.at(-1)?.id ?? '';
}

async function answerLength(port: number, path: string, id: string): Promise<number> {
  using client = RawClient.get(port, path, { 'Last-Event-ID': id });
  await client.until('n', EVENTS);
  return Buffer.byteLength(client.text);
}
