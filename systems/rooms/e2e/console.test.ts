/** The console in a real browser: both protocols, frames and close codes, a crowd, the keyboard, a phone. */
import { fileURLToPath } from 'node:url';
import { launchBrowser, type ServerProcess, startServerProcess } from '@fanfare/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));
const API_KEY = 'key-of-the-rooms-tests';
const WITHIN = { timeout: 30_000 };

let server: ServerProcess;
let browser: Browser;
beforeAll(async () => {
  server = await startServerProcess({ script: SCRIPT, env: { FANFARE_API_KEY: API_KEY }, readyWithinMs: 60_000 });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

async function open(options: { readonly width?: number; readonly locale?: string } = {}): Promise<Page> {
  const { width = 1280, locale = 'en-US' } = options;
  const context = await browser.newContext({ viewport: { width, height: 800 }, locale });
  const page = await context.newPage();
  await page.goto(`${server.url}/rooms`);
  await page.locator('.connection[data-status=live]').waitFor(WITHIN);
  return page;
}

async function connect(page: Page, protocol: 'WebSocket' | 'Socket.IO'): Promise<void> {
  await page.locator('.pick').getByText(protocol, { exact: true }).click();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
  await page.locator('.state__line[data-status=open]').waitFor(WITHIN);
}

const status = (page: Page): ReturnType<Page['locator']> => page.locator('.state');
const frames = (page: Page): ReturnType<Page['locator']> => page.locator('.frame');

async function publish(room: string, message: unknown): Promise<void> {
  const answer = await fetch(`${server.url}/live/api/publish`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': API_KEY },
    body: JSON.stringify({ channel: `room:${room}`, event: 'room-message', data: { message } }),
  });
  expect(answer.status).toBe(200);
}

describe.each([['WebSocket'], ['Socket.IO']] as const)('the console over %s', (protocol) => {
  it('connects, joins, sends, shows every frame, and closes with what that means', async () => {
    const page = await open();
    await connect(page, protocol);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('button', { name: 'Leave' }).waitFor(WITHIN);
    await page.getByLabel('Message').fill(`xin chào ${protocol}`);
    await page.getByRole('button', { name: 'Send to room' }).click();
    await page.locator('.frame[data-type=room-message]').first().waitFor(WITHIN);
    // The same room, over the hub's own wire.
    await page.locator('.hub__message', { hasText: `xin chào ${protocol}` }).waitFor(WITHIN);
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await page.locator('.state__line[data-status=closed]').waitFor(WITHIN);

    const types = await frames(page).evaluateAll((all) => all.map((frame) => frame.getAttribute('data-type')));
    expect(types).toEqual(expect.arrayContaining(['welcome', 'room-joined', 'room-message']));
    expect(await status(page).innerText()).toMatch(
      protocol === 'WebSocket' ? /Closed with 1000: normal/ : /Closed: io client disconnect/,
    );
    await page.context().close();
  });

  it('comes back from a drop, with what it missed', async () => {
    const page = await open();
    const room = `drop-${protocol.replace('.', '-')}`;
    await page.getByLabel('Room', { exact: true }).fill(room);
    await connect(page, protocol);
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('button', { name: 'Leave' }).waitFor(WITHIN);
    await publish(room, 'before');
    await page.locator('.frame', { hasText: 'before' }).waitFor(WITHIN);

    await page.getByRole('button', { name: 'Drop and come back' }).click();
    await page.locator('.frame[data-direction=note]').waitFor(WITHIN);
    await publish(room, 'while it was away');
    await page.locator('.frame', { hasText: 'while it was away' }).waitFor(WITHIN);
    await page.locator('.state__line[data-status=open]').waitFor(WITHIN);

    expect(await page.locator('.frame[data-type=room-message]', { hasText: 'while it was away' }).count()).toBe(1);
    await page.context().close();
  });

  it('opens many clients at once, each of which gets what is said', async () => {
    const page = await open();
    const room = `crowd-${protocol.replace('.', '-')}`;
    await page.getByLabel('Room', { exact: true }).fill(room);
    await page.getByLabel('How many').fill('30');
    await page.getByLabel('Protocol').selectOption({ label: protocol });
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByText('30 of 30 connected').waitFor(WITHIN);
    const members = async (): Promise<number> => {
      const answer = await fetch(`${server.url}/live/api/channels`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-API-Key': API_KEY },
        body: '{}',
      });
      const { channels } = await answer.json();
      return channels.find(({ channel }: { channel: string }) => channel === `room:${room}`)?.subscribers ?? 0;
    };
    // And the page itself.
    await expect.poll(members, WITHIN).toBe(31);
    const heard = async (): Promise<number> =>
      Number(/([\d,]+) messages/.exec(await page.locator('.crowd__sum').innerText())?.[1]?.replace(',', ''));
    expect(await heard()).toBe(0);

    await publish(room, 'to all');

    await expect.poll(heard, WITHIN).toBe(30);
    await page.getByRole('button', { name: 'Close all' }).click();
    await expect.poll(members, WITHIN).toBe(1);
    await page.context().close();
  });
});

describe('the console', () => {
  it('shows what the server says to a frame that is wrong', async () => {
    const page = await open();
    await connect(page, 'WebSocket');
    await page.getByText('A frame of your own').click();
    await page.getByRole('button', { name: 'Send frame' }).click();

    await page.locator('.frame[data-type=error]', { hasText: 'UNKNOWN_TYPE' }).waitFor(WITHIN);
    await page.context().close();
  });

  it('keeps its height however many frames there are', async () => {
    const page = await open();
    await connect(page, 'WebSocket');
    const height = () => page.evaluate(() => document.documentElement.scrollHeight);
    const before = await height();
    for (let sent = 0; sent < 30; sent += 1) await page.getByRole('button', { name: 'Echo' }).click();
    await expect.poll(() => frames(page).count(), WITHIN).toBeGreaterThan(60);

    expect(await height()).toBe(before);
    await page.context().close();
  });

  it('works by the keyboard alone, and says what happens', async () => {
    const page = await open();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the console');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('value'))).toBe('websocket');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.state__line[data-status=open]').waitFor(WITHIN);
    await page.getByLabel('Room', { exact: true }).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Leave' }).waitFor(WITHIN);
    await page.getByLabel('Message').focus();
    await page.keyboard.press('Enter');
    await page.locator('.frame[data-type=room-message]').waitFor(WITHIN);

    expect(await page.locator('.state').getAttribute('aria-live')).toBe('polite');
    expect(await page.locator('.frames').getAttribute('role')).toBe('log');
    await page.context().close();
  });

  it('speaks Vietnamese, and fits a phone of 360 pixels', async () => {
    const page = await open({ width: 360, locale: 'vi-VN' });
    expect(await page.title()).toBe('Phòng · Fanfare');
    await page.getByRole('button', { name: 'Kết nối', exact: true }).click();
    await page.locator('.state__line', { hasText: 'Đã kết nối' }).waitFor(WITHIN);

    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('vi');
    await page.context().close();
  });

  it('is reached from the start page', async () => {
    const page = await open();
    await page.goto(server.url);
    await page.locator('.connection[data-status=live]').waitFor(WITHIN);
    await page.locator('.room-preview', { hasText: 'Quiet so far' }).waitFor(WITHIN);
    await publish('dashboard', 'said on the start page');
    await page.locator('.room-preview', { hasText: 'said on the start page' }).waitFor(WITHIN);
    await page.getByRole('link', { name: /Rooms/ }).click();
    await page.locator('h1', { hasText: 'Rooms' }).waitFor(WITHIN);
    await page.context().close();
  });
});
