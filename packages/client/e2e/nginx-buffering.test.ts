import { findNginx, type Nginx, startNginx } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HarnessPage } from './harness-page.ts';
import { type Stage, startStage } from './stage.ts';

/** Of B5. */
const FIRST_EVENT_MS = 100;
const EVENTS = 20;

describe.skipIf(findNginx() === undefined)('nginx as it comes, with its buffers', () => {
  let stage: Stage;
  let nginx: Nginx;

  beforeAll(async () => {
    stage = await startStage({ heartbeatMs: 20_000 });
    nginx = await startNginx({ upstreamPort: stage.server.port });
  }, 60_000);
  afterAll(async () => {
    await nginx?.[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
  });

  it('passes events on at once, because the stream asks it to', async () => {
    const channel = stage.freshChannel();
    const page = await stage.open({ origin: nginx.url, channel, wire: 'sse' });
    await page.isSubscribed();
    const publishedAt = new Map<string, number>();
    const burst = stage.burst(channel, { publishers: 0 });

    // One at a time, each with buffers that are far from full.
    for (let n = 1; n <= EVENTS; n += 1) {
      publishedAt.set(`end-${n}`, Date.now());
      await page.gets(await burst.mark());
    }

    // A machine that is busy may be late once; a proxy that buffers is late every time.
    const delays = await delaysOf(page, publishedAt);
    expect(delays.length).toBe(EVENTS);
    expect(delays.filter((ms) => ms <= FIRST_EVENT_MS).length).toBeGreaterThan(EVENTS / 2);
    expect(await page.statuses()).not.toContain('polling');
  }, 60_000);
});

async function delaysOf(page: HarnessPage, publishedAt: ReadonlyMap<string, number>): Promise<readonly number[]> {
  return (await page.record()).flatMap((entry) =>
    entry.kind === 'event' ? [entry.atMs - (publishedAt.get(entry.payload) ?? 0)] : [],
  );
}
