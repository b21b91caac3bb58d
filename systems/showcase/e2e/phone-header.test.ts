/** On a phone nothing jumps when the connection breaks off: the header has the same lines with the longest thing that the badge says. */
import { fileURLToPath } from 'node:url';
import { launchBrowser, startServerProcess } from '@fanfare/testkit';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { WITHIN } from './stage.ts';

const SCRIPT = fileURLToPath(new URL('../bin/start.js', import.meta.url));
const PAGES = ['/', '/scoreboard', '/rooms', '/audit', '/components', '/court/1234/display'];

const top = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const content = document.querySelector('.display__sides') ?? document.querySelector('main');
    return (content?.getBoundingClientRect().top ?? Number.NaN) + window.scrollY;
  });

it('keeps the place of the page while it reconnects, in both languages', { timeout: 120_000 }, async () => {
  await using server = await startServerProcess({
    script: SCRIPT,
    env: { FANFARE_ENGINE: 'memory' },
    readyWithinMs: 60_000,
  });
  const browser = await launchBrowser();
  try {
    const open = async (locale: string, path: string) => {
      const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale });
      const page = await context.newPage();
      await page.goto(server.url + path);
      await page.locator('.connection[data-status=live]').first().waitFor(WITHIN);
      return { page, name: `${path} ${locale}`, before: await top(page) };
    };
    const opened = [];
    for (const locale of ['en-US', 'vi-VN']) for (const path of PAGES) opened.push(await open(locale, path));

    await server.stop('SIGKILL');

    for (const { page, name, before } of opened) {
      const badge = page.locator('.connection[data-status=reconnecting]').first();
      await badge.waitFor(WITHIN);
      await expect.poll(() => badge.innerText(), WITHIN).toMatch(/\d/);
      expect(await top(page), name).toBe(before);
    }
  } finally {
    await browser.close();
  }
});
