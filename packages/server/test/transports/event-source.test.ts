/** A native EventSource with no SDK, cut by a proxy: nothing lost, nothing twice, in order. */
import { startFaultProxy } from '@fanfare/testkit';
import { EventSource } from 'eventsource';
import { describe, expect, it, vi } from 'vitest';
import { startLive } from './live-fixture.ts';

describe('a bare EventSource', () => {
  it('on 3 channels, cut 20 times while 5000 events are published, gets 5000 once and in order', {
    timeout: 120_000,
  }, async () => {
    // retry at its least: 20 reconnects are waited for.
    const limits = { minRetryMs: 1000, maxRetryMs: 1000 };
    await using running = await startLive({ limits });
    await using proxy = await startFaultProxy({ targetPort: running.port });
    const names = ['log:a', 'log:b', 'log:c'] as const;
    const query = names.map((name) => `channel=${name}`).join('&');
    const source = new EventSource(`http://127.0.0.1:${proxy.port}/live/sse?${query}`);
    const seen: Record<string, number[]> = { 'log:a': [], 'log:b': [], 'log:c': [] };
    const lost: string[] = [];
    let opened = 0;
    source.addEventListener('open', () => {
      opened += 1;
    });
    source.addEventListener('lost', (event) => lost.push(event.data));
    source.addEventListener('n', (event) => {
      const frame: { channel: string; data: number } = JSON.parse(event.data);
      seen[frame.channel]?.push(frame.data);
    });

    try {
      await vi.waitUntil(() => opened === 1, { timeout: 10_000 });
      let published = 0;
      for (let cut = 1; cut <= 20; cut += 1) {
        // Half of each round while the client is there, half while it is away.
        for (const half of [1, 2]) {
          for (let n = 0; n < 125; n += 1) {
            const channel = names[published % 3] ?? 'log:a';
            await running.live.channel(channel).publish('n', published);
            published += 1;
            // The first half of each round leaves in many turns of the loop, so that cuts fall between events.
            if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
          }
          if (half === 1) proxy.cutAll();
        }
        await vi.waitUntil(() => opened === cut + 1, { timeout: 10_000 });
      }
      await vi.waitUntil(() => Object.values(seen).flat().length >= 5000, { timeout: 10_000 });

      expect(published).toBe(5000);
      const expected = names.map((_, at) => Array.from({ length: 5000 }, (__, n) => n).filter((n) => n % 3 === at));
      expect(names.map((name) => seen[name])).toEqual(expected);
      expect(lost).toEqual([]);
    } finally {
      source.close();
    }
  });

  it('shows named events, heartbeats and the frames of the stream without an SDK', async () => {
    await using running = await startLive({ heartbeatMs: 100 });
    const source = new EventSource(`${running.url}/live/sse?channel=state:a`);
    const seen: string[] = [];
    for (const name of ['connected', 'subscribed', 'state', 'heartbeat']) {
      source.addEventListener(name, () => seen.push(name));
    }

    try {
      await vi.waitUntil(() => seen.includes('subscribed'), { timeout: 10_000 });
      await running.live.channel('state:a').set({ score: [1, 0] });
      await vi.waitUntil(() => seen.includes('heartbeat') && seen.includes('state'), { timeout: 10_000 });

      expect(seen.slice(0, 3)).toEqual(['connected', 'subscribed', 'state']);
    } finally {
      source.close();
    }
  });

  it('stops at a verdict, and comes back after a refusal that passes', async () => {
    await using running = await startLive({ limits: { minRetryMs: 1000, maxRetryMs: 1000 } });
    const first = new EventSource(`${running.url}/live/sse?channel=small:a`);
    await vi.waitUntil(() => running.live.stats().subscriptions === 1, { timeout: 10_000 });
    const second = new EventSource(`${running.url}/live/sse?channel=small:a`);
    const forbidden = new EventSource(`${running.url}/live/sse?channel=secret:a`);
    let subscribed = false;
    second.addEventListener('subscribed', () => {
      subscribed = true;
    });

    try {
      await vi.waitUntil(() => forbidden.readyState === forbidden.CLOSED, { timeout: 10_000 });
      first.close();
      await vi.waitUntil(() => subscribed, { timeout: 10_000 });

      expect(second.readyState).toBe(second.OPEN);
    } finally {
      for (const source of [first, second, forbidden]) source.close();
    }
  });
});
