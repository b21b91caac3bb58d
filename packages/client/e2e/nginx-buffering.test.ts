import { findNginx, NGINX_DEAF, NGINX_WEBSOCKET, type Nginx, startNginx } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEADLINE, type HarnessPage, openHarness } from './harness-page.ts';
import { type Stage, startStage } from './stage.ts';

/** Of B5. */
const FIRST_EVENT_MS = 100;
const EVENTS = 20;

describe.skipIf(findNginx() === undefined)('B5: nginx with its buffers in front of the server', () => {
  let stage: Stage;
  const proxies: Nginx[] = [];

  beforeAll(async () => {
    // A heartbeat would fill the buffers, and tell too early that something is wrong.
    stage = await startStage({ heartbeatMs: 20_000 });
  }, 180_000);
  afterAll(async () => {
    for (const nginx of proxies) await nginx[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
  });

  async function nginx(location = ''): Promise<string> {
    const started = await startNginx({ upstreamPort: stage.server.port, location });
    proxies.push(started);
    return started.url;
  }

  it('passes events on at once, because the stream asks it to', async () => {
    const channel = stage.freshChannel();
    const page = await stage.open({ origin: await nginx(), channel, wire: 'sse' });
    // What it looks like where nobody asks, or is not listened to.
    const held = await stage.open({ origin: await nginx(NGINX_DEAF), channel, wire: 'sse' });
    await page.isSubscribed();
    const publishedAt = new Map<string, number>();
    const burst = stage.burst(channel, { publishers: 0 });

    // One at a time, each only when the one before was handed over, so that the buffers are far from full.
    for (let n = 1; n <= EVENTS; n += 1) {
      publishedAt.set(`end-${n}`, Date.now());
      await page.gets(await burst.mark());
    }

    expect(await held.payloads()).toEqual([]);
    // A busy machine is late now and then; a proxy that buffers is late every time.
    const delays = await delaysOf(page, publishedAt);
    expect(delays.length).toBe(EVENTS);
    expect(Math.min(...delays)).toBeLessThanOrEqual(FIRST_EVENT_MS);
  }, 60_000);

  it('gets a page the best that it lets through: a stream as it comes, a WebSocket once it is set up for it', async () => {
    const channel = stage.freshChannel();
    const plain = await openHarness(stage.browser, { origin: await nginx(), channel });
    const setUp = await openHarness(stage.browser, { origin: await nginx(NGINX_WEBSOCKET), channel });

    await shows(plain, { status: 'live', transport: 'sse', reason: 'LIVE_BLOCKED' });
    await shows(setUp, { status: 'live', transport: 'ws' });
    await everythingArrives(stage, channel, [plain, setUp]);
  }, 60_000);

  it('is polled through where it holds streams back whatever they ask', async () => {
    const channel = stage.freshChannel();
    const page = await openHarness(stage.browser, { origin: await nginx(NGINX_DEAF), channel });

    await shows(page, { status: 'polling', transport: 'poll', reason: 'LIVE_BLOCKED' });
    await everythingArrives(stage, channel, [page]);
    expect(await page.statuses()).not.toContain('live');
  }, 60_000);
});

async function shows(page: HarnessPage, badge: object): Promise<void> {
  await vi.waitFor(async () => expect(await page.badge()).toMatchObject(badge), DEADLINE);
  await page.isSubscribed();
}

async function everythingArrives(stage: Stage, channel: string, pages: readonly HarnessPage[]): Promise<void> {
  const burst = stage.burst(channel);
  await vi.waitFor(() => expect(burst.acked).toBeGreaterThan(50), DEADLINE);
  await burst.stop();
  const last = await burst.mark();
  for (const page of pages) {
    await page.gets(last);
    await page.isClean(burst.published);
    expect(await page.losses()).toEqual([]);
  }
}

async function delaysOf(page: HarnessPage, publishedAt: ReadonlyMap<string, number>): Promise<readonly number[]> {
  return (await page.record()).flatMap((entry) =>
    entry.kind === 'event' ? [entry.atMs - (publishedAt.get(entry.payload) ?? 0)] : [],
  );
}
