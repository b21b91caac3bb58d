/** A network that lets a WebSocket and a stream open and cuts each after moments: a page that knows nothing of it yet. */
import { type Burst, type FaultProxy, startFaultProxy } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEADLINE, type HarnessPage, openHarness } from './harness-page.ts';
import { type Stage, startStage } from './stage.ts';

const LIFE_MS = 1500;
/** Two lives of each way, and the wait after each: at least as long as the server asks for, and jitter. */
const POLLING_MS = 30_000;

describe('a page whose live connections are cut after moments', () => {
  let stage: Stage;
  let proxy: FaultProxy;
  let page: HarnessPage;
  let burst: Burst;

  beforeAll(async () => {
    stage = await startStage();
    proxy = await startFaultProxy({ targetPort: stage.server.port });
    proxy.inflict({ kind: 'cut-after', ms: LIFE_MS }, ['ws', 'sse']);
    const channel = stage.freshChannel();
    page = await openHarness(stage.browser, { origin: proxy.url, channel, client: { tabs: false } });
    await page.isSubscribed();
    burst = stage.burst(channel, { publishers: 1, everyMs: 50 });
    await vi.waitFor(async () => expect(await page.status()).toBe('polling'), { ...DEADLINE, timeout: 60_000 });
    await page.getsMore();
  }, 120_000);
  afterAll(async () => {
    await proxy?.close();
    await stage?.[Symbol.asyncDispose]();
  });

  it('tries each way twice, and polls', async () => {
    const record = await page.record();
    const first = record.find((entry) => entry.kind === 'connection' && entry.status === 'polling');

    expect((first?.atMs ?? Number.POSITIVE_INFINITY) - (record[0]?.atMs ?? 0)).toBeLessThan(POLLING_MS);
    expect(await page.reasons()).toContain('SHORT_LIVED');
  });

  it('has lost nothing', async () => {
    await burst.stop();
    await page.gets(await burst.mark());
    await page.isClean(burst.published);
    expect(await page.losses()).toEqual([]);
  });
});
