import { once } from 'node:events';
import { createServer } from 'node:http';
import { launchBrowser, startFaultProxy } from '@fanfare/testkit';
import { createFanfare, log, sqlite } from 'fanfare';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';

const CHANNELS = ['feed:a', 'feed:b', 'feed:c'] as const;
const CUTS = 20;
const TOTAL = 5000;

declare global {
  interface Window {
    /** `channel number` of every event that the page was handed, in order. */
    __handed: string[];
    __opened: number;
    __lost: number;
  }
}

it("Chromium's own EventSource on 3 channels, cut 20 times while 5000 events are published, gets 5000 once and in order", async () => {
  const live = createFanfare({
    engine: sqlite(':memory:'),
    channels: { 'feed:{name}': log({ access: 'public' }) },
    // The least that the wire allows: twenty reconnects are waited for.
    limits: { minRetryMs: 1000, maxRetryMs: 1000 },
  });
  const server = createServer((req, res) => {
    if (live.handles(req.url ?? '/')) live.handler(req, res);
    else res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>bare</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await using proxy = await startFaultProxy({ targetPort: typeof address === 'object' ? (address?.port ?? 0) : 0 });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${proxy.port}/`);
    await listen(page);
    await expect.poll(() => page.evaluate(() => window.__opened), { timeout: 10_000 }).toBe(1);

    const perHalf = TOTAL / CUTS / 2;
    let published = 0;
    for (let cut = 1; cut <= CUTS; cut += 1) {
      published = await publish(published, perHalf);
      proxy.cutAll();
      published = await publish(published, perHalf);
      await expect.poll(() => page.evaluate(() => window.__opened), { timeout: 10_000 }).toBe(cut + 1);
    }
    await expect.poll(() => page.evaluate(() => window.__handed.length), { timeout: 10_000 }).toBe(TOTAL);

    const handed = await page.evaluate(() => window.__handed);
    for (const [at, channel] of CHANNELS.entries()) {
      const own = handed.filter((one) => one.startsWith(channel)).map((one) => Number(one.split(' ')[1]));
      expect(own).toEqual(Array.from({ length: TOTAL }, (_, n) => n).filter((n) => n % CHANNELS.length === at));
    }
    expect(await page.evaluate(() => window.__lost)).toBe(0);
  } finally {
    await browser.close();
    await live.close();
    server.closeAllConnections();
    server.close();
  }

  async function publish(from: number, count: number): Promise<number> {
    for (let n = from; n < from + count; n += 1) {
      await live.channel(CHANNELS[n % CHANNELS.length] ?? 'feed:a').publish('n', n);
    }
    return from + count;
  }
}, 120_000);

function listen(page: Page): Promise<void> {
  return page.evaluate((channels) => {
    window.__handed = [];
    window.__opened = 0;
    window.__lost = 0;
    const source = new EventSource(`/live/sse?${channels.map((name) => `channel=${name}`).join('&')}`);
    source.addEventListener('open', () => {
      window.__opened += 1;
    });
    source.addEventListener('lost', () => {
      window.__lost += 1;
    });
    source.addEventListener('n', (event) => {
      const { channel, data } = JSON.parse(event.data);
      window.__handed.push(`${channel} ${data}`);
    });
  }, CHANNELS);
}
