/** The console's "break it" drawer: the faults are real, each end is in the frames with its code, and the client comes through. */
import { fileURLToPath } from 'node:url';
import { launchBrowser, type ServerProcess, startServerProcess } from '@fanfare/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));
const API_KEY = 'key-of-the-drawer-tests';
const WITHIN = { timeout: 30_000 };

let server: ServerProcess;
let browser: Browser;
beforeAll(async () => {
  const env = { FANFARE_API_KEY: API_KEY, FANFARE_ENGINE: 'memory' };
  server = await startServerProcess({ script: SCRIPT, env, readyWithinMs: 60_000 });
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** The console, connected and in a room, with its drawer open. */
async function openDrawer(protocol: 'WebSocket' | 'Socket.IO', room: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' });
  const page = await context.newPage();
  await page.goto(`${server.url}/rooms`);
  await page.locator('.connection[data-status=live]').waitFor(WITHIN);
  await page.getByRole('button', { name: 'Break it' }).click();
  await page.getByText('Connect first.').first().waitFor(WITHIN);
  await page.locator('.pick').getByText(protocol, { exact: true }).click();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.locator('.state__line[data-status=open]').waitFor(WITHIN);
  await page.getByLabel('Room', { exact: true }).fill(room);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('button', { name: 'Leave' }).waitFor(WITHIN);
  return page;
}

async function say(room: string, message: string): Promise<void> {
  const answer = await fetch(`${server.url}/live/api/publish`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': API_KEY },
    body: JSON.stringify({ channel: `room:${room}`, event: 'room-message', data: { message } }),
  });
  expect(answer.status).toBe(200);
}

const ended = (page: Page, text: string | RegExp): ReturnType<Page['locator']> =>
  page.locator('.frame[data-direction=note]', { hasText: text });
const heard = (page: Page, text: string): ReturnType<Page['locator']> =>
  page.locator('.frame[data-type=room-message]', { hasText: text });

/** It is connected anew, and hears the room. */
async function expectBack(page: Page, room: string, text: string): Promise<void> {
  await page.locator('.state__line[data-status=open]').waitFor(WITHIN);
  await say(room, text);
  await heard(page, text).waitFor(WITHIN);
  expect(await heard(page, text).count()).toBe(1);
}

describe('the drawer of the console', { timeout: 120_000 }, () => {
  it.each([
    ['WebSocket', 'Closed with 1006: no close frame'],
    ['Socket.IO', 'Closed: transport close'],
  ] as const)(
    'drops the connections, over %s: the frames say how, and what was missed comes',
    async (protocol, how) => {
      const room = `drop-${protocol === 'WebSocket' ? 'ws' : 'io'}`;
      const page = await openDrawer(protocol, room);
      await say(room, 'before');
      await heard(page, 'before').waitFor(WITHIN);

      await page.getByRole('button', { name: 'Drop my connection' }).click();
      await ended(page, how).waitFor(WITHIN);
      await say(room, 'while away');
      await heard(page, 'while away').waitFor(WITHIN);

      await expectBack(page, room, 'after');
      await page.locator('.connection[data-status=live]').waitFor(WITHIN);
      await page.context().close();
    },
  );

  it.each([['WebSocket'], ['Socket.IO']] as const)(
    'freezes over %s: nothing comes, it is counted, and then all of it comes',
    async (protocol) => {
      const room = `freeze-${protocol === 'WebSocket' ? 'ws' : 'io'}`;
      const page = await openDrawer(protocol, room);

      await page.getByRole('button', { name: 'Freeze it for 10 s' }).click();
      for (const text of ['one', 'two']) await say(room, text);
      // Both wires of the page have both: the console's, and the hub's.
      await page.getByText('Waiting on the wire: 4.').waitFor(WITHIN);
      expect(await heard(page, 'one').count()).toBe(0);
      await heard(page, 'two').waitFor(WITHIN);

      expect(await heard(page, 'one').count()).toBe(1);
      expect(await ended(page, /./).count()).toBe(0);
      await page.context().close();
    },
  );

  it('has the server end it: each end says its code, and it comes back from each', async () => {
    const room = 'ends';
    const page = await openDrawer('WebSocket', room);
    for (const [button, how] of [
      ['Goodbye without a code', 'Closed with 1005: a close frame without a code'],
      ['Send a message too big', 'Closed with 1009: a message too big'],
      ['Flood the server', 'Closed with 1008'],
    ] as const) {
      await page.getByRole('button', { name: button }).click();
      await ended(page, how).waitFor(WITHIN);
      await expectBack(page, room, `after ${button}`);
    }
    // A frame of 70 000 characters is no page of 70 000 characters.
    expect((await page.locator('.frames').innerText()).length).toBeLessThan(200 * 2100);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    for (const code of ['1005",reason="peer', '1009",reason="peer', '1008",reason="rateLimited']) {
      expect(metrics).toContain(`wire="rooms-ws",code="${code}"`);
    }
    await page.context().close();
  });

  it('blocks WebSockets: Socket.IO goes on by polling, and live comes back', async () => {
    const room = 'block';
    const page = await openDrawer('Socket.IO', room);
    await page.getByRole('button', { name: 'Force polling' }).click();
    await ended(page, 'Closed: transport close').waitFor(WITHIN);
    await expectBack(page, room, 'by polling');

    await page.getByRole('button', { name: 'Let live through again' }).click();
    await page.locator('.connection[data-status=live]').waitFor(WITHIN);
    await expectBack(page, room, 'again');
    await page.context().close();
  });

  it.each([
    ['740', 'light', 'en-US', 'Break it'],
    ['740', 'dark', 'vi-VN', 'Thử làm hỏng'],
    ['560', 'light', 'vi-VN', 'Thử làm hỏng'],
  ] as const)('opens in sight on a phone of 360 by %s, %s, %s', async (height, colorScheme, locale, name) => {
    const viewport = { width: 360, height: Number(height) };
    const context = await browser.newContext({ viewport, locale, colorScheme, isMobile: true, hasTouch: true });
    const page = await context.newPage();
    await page.goto(`${server.url}/rooms`);
    await page.getByRole('button', { name }).tap();
    const panel = page.locator('.break-it__panel');
    await panel.waitFor(WITHIN);

    // All of it where it fits, else its beginning.
    const isInSight = (): Promise<boolean> =>
      panel.evaluate((node) => {
        const { top, bottom } = node.getBoundingClientRect();
        const screen = window.innerHeight;
        const fits = (node.parentElement?.clientHeight ?? 0) < screen;
        return top >= 0 && (fits ? bottom <= screen : top < screen / 4);
      });
    await expect.poll(isInSight, WITHIN).toBe(true);
    await context.close();
  });

  it.each([900, 1176, 1280, 1376])(
    'covers nothing of the console while it is closed, in a window of %i',
    async (width) => {
      const context = await browser.newContext({ viewport: { width, height: 800 }, locale: 'vi-VN' });
      const page = await context.newPage();
      await page.goto(`${server.url}/rooms`);
      const toggle = await page.getByRole('button', { name: 'Thử làm hỏng' }).boundingBox(WITHIN);
      const talk = await page.locator('.part--talk').boundingBox();
      const select = await page.getByLabel('Giao thức').boundingBox();

      expect(toggle && talk && (toggle.x + toggle.width <= talk.x || toggle.y >= talk.y + talk.height)).toBe(true);
      expect(select?.width).toBeGreaterThan(120);
      await context.close();
    },
  );

  it('works by the keyboard alone, says what waits, and fits a phone in Vietnamese', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'vi-VN' });
    const page = await context.newPage();
    await page.goto(`${server.url}/rooms`);
    const toggle = page.getByRole('button', { name: 'Thử làm hỏng' });
    await toggle.focus();
    await page.keyboard.press('Enter');
    const panel = page.locator('.break-it__panel');
    await panel.waitFor(WITHIN);

    expect(await panel.locator('[role=status]').count()).toBe(1);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const box = await panel.boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= 360).toBe(true);
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('.break-it__panel') !== null)).toBe(true);
    await context.close();
  });
});
